import Foundation
import Logging
import Messaging
import Sealing
import Store

/// What the daemon tells the world about itself.
public enum BridgeEvent: Sendable, Equatable {
    case online(ChannelID)
    case offline(ChannelID)

    public var channel: ChannelID {
        switch self {
        case .online(let channel), .offline(let channel): channel
        }
    }
}

/// Reads from an envelope that a message of ours came back: which one, and a fixed word for the reason.
/// `nil` for any other envelope.
public typealias BounceReader = @Sendable (Envelope) -> (originID: OriginID, code: String)?

/// The middle: channels on one side, the store and the responder on the other.
///
/// In: envelope → one transaction (opened, stored, answered) → commit → acknowledged.
/// Out: intent → one transaction (prepared) → commit → handed over → confirmed.
public struct Bridge: Sendable {
    private let writer: Writer
    private let ports: [LinkPort]
    private let hosts: [any LinkHost]
    private let logger: Logger
    private let attachments: AttachmentWorker?
    private let uploads: UploadWorker?

    /// - Parameters:
    ///   - attachments: fetches what contacts send; `nil`: it waits.
    ///   - uploads: lays down what staff send; `nil`: it waits.
    ///   - bounced: what channels say of messages of ours that came back.
    ///   - wrapHost: lets the composition root put itself between a link and the bridge.
    ///   - report: told when a channel goes on or off line.
    public init(
        writer: Writer, links: [any ChannelLink], responder: any Responder, hooks: any BridgeHooks = NoHooks(),
        attachments: AttachmentWorker? = nil, uploads: UploadWorker? = nil,
        bounced: @escaping BounceReader = { _ in nil }, logger: Logger,
        wrapHost: (any LinkHost, any ChannelLink) -> any LinkHost = { host, _ in host },
        report: @escaping @Sendable (BridgeEvent) -> Void = { _ in }
    ) {
        self.writer = writer
        self.logger = logger
        self.attachments = attachments
        self.uploads = uploads
        ports = links.map {
            LinkPort(
                link: $0, writer: writer, responder: responder, hooks: hooks, bounced: bounced, logger: logger,
                report: { event in
                    // Whatever waited for a connection is tried at once.
                    if case .online = event, let uploads { Task { await uploads.wake() } }
                    report(event)
                }, attachmentsQueued: { await attachments?.wake() })
        }
        hosts = ports.map { wrapHost($0, $0.link) }
    }

    /// Works until cancelled, or until a link gives up.
    ///
    /// - Throws: what made a link give up (a wrong password, a wrong certificate).
    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (port, host) in zip(ports, hosts) {
                group.addTask { await port.intake.run() }
                group.addTask { await port.outbox.run() }
                group.addTask { try await port.link.run(host) }
            }
            group.addTask { await sweep() }
            if let attachments { group.addTask { await attachments.run() } }
            if let uploads {
                group.addTask {
                    await uploads.run { for port in ports { await port.outbox.wake() } }
                }
            }
            do {
                try await group.next()
            } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
        }
    }

    /// Queues words of ours to an address, as staff will do.
    public func send(_ text: String, to address: Address) async throws {
        try await writer.perform { transaction in
            let conversation = try transaction.conversation(for: address)
            try transaction.addIntent(
                MessageRecord(
                    text: text, direction: .outgoing, author: .staff, sentAt: transaction.now,
                    receivedAt: transaction.now, channel: address.channel, protection: .endToEnd),
                cause: 0, in: conversation)
        }
        await wake(address.channel)
    }

    /// Something waits in a channel's outbox.
    public func wake(_ channel: ChannelID) async {
        for port in ports where port.link.id == channel { await port.outbox.wake() }
        await uploads?.wake()
    }

    /// Once an hour: what was kept only against repeats goes, and the log is moved and truncated.
    private func sweep() async {
        while !Task.isCancelled {
            do {
                try await writer.perform { try $0.forgetExpired() }
                try await writer.checkpoint()
            } catch {
                logger.warning("the hourly clean-up waits: \(error)")
            }
            try? await Task.sleep(for: .seconds(3600))
        }
    }
}
