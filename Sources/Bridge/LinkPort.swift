import Logging
import Messaging
import Store

/// What one channel's link sees of the bridge.
final class LinkPort: LinkHost {
    let link: any ChannelLink
    let intake: Intake
    let outbox: OutboxWorker
    let streams: any StreamKeeper
    private let writer: Writer
    private let hooks: any BridgeHooks
    private let logger: Logger
    private let report: @Sendable (BridgeEvent) -> Void

    init(
        link: any ChannelLink, writer: Writer, responder: any Responder, hooks: any BridgeHooks,
        bounced: @escaping BounceReader, logger: Logger,
        report: @escaping @Sendable (BridgeEvent) -> Void,
        attachmentsQueued: @escaping @Sendable () async -> Void = {}
    ) {
        let outbox = OutboxWorker(
            step: OutboxStep(channel: link.id, hooks: hooks), writer: writer, link: link, hooks: hooks, logger: logger)
        self.link = link
        self.outbox = outbox
        intake = Intake(
            step: IntakeStep(channel: link.id, responder: responder, hooks: hooks, bounced: bounced), writer: writer,
            link: link,
            hooks: hooks, logger: logger, repliesQueued: { await outbox.wake() },
            attachmentsQueued: attachmentsQueued)
        streams = StreamLog(channel: link.id, writer: writer, hooks: hooks, logger: logger)
        self.writer = writer
        self.hooks = hooks
        self.logger = logger
        self.report = report
    }

    func received(_ envelope: Envelope) async { await intake.put(envelope) }

    func drain() async { await intake.drain() }

    func withCodec<R: Sendable>(_ body: @escaping @Sendable (any ChannelCodec) throws -> R) async throws -> R {
        let channel = link.id
        return try await writer.perform { try body($0.codec(for: channel)) }
    }

    func withCodec<R: Sendable>(
        unlessUnderWayTo address: Address, _ body: @escaping @Sendable (any ChannelCodec) throws -> R
    ) async throws -> R? {
        let channel = link.id
        return try await writer.perform { transaction in
            if try transaction.hasUnderWay(to: address) { return nil }
            return try body(transaction.codec(for: channel))
        }
    }

    func archivePosition() async throws -> ArchivePosition? {
        let channel = link.id
        return try await writer.perform { try $0.position(of: channel) }
    }

    func online(resumed: Bool) async {
        logger.notice("online", metadata: ["channel": "\(link.id.rawValue)", "resumed": "\(resumed)"])
        await outbox.online(resumed: resumed)
        report(.online(link.id))
    }

    func confirmed(_ ids: [OutboxID]) async {
        hooks.reached(.confirming)
        var delay = Backoff(first: .seconds(1), most: .seconds(30))
        while !Task.isCancelled {
            do {
                try await writer.perform { transaction in
                    for id in ids { try transaction.confirm(id) }
                }
                hooks.reached(.confirmed)
                return
            } catch StoreError.closed {
                // The rows stay handed over and are settled at the next start.
                return
            } catch {
                logger.error("confirmations wait: \(error)", metadata: ["count": "\(ids.count)"])
                await delay.wait()
            }
        }
    }

    func raise(_ alarm: Alarm, count: Int) async {
        do {
            try await writer.perform { try $0.raise(alarm, count: count) }
        } catch {
            logger.error("an alarm could not be kept: \(error)", metadata: ["alarm": "\(alarm.rawValue)"])
        }
    }

    func offline(reason: String) async {
        logger.warning("offline", metadata: ["channel": "\(link.id.rawValue)", "reason": "\(reason)"])
        await outbox.offline()
        report(.offline(link.id))
    }
}
