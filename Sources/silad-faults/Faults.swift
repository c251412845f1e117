import Bridge
import Messaging
import Store
import Synchronization

/// Kills at a point, and for `send-before-commit` sends from inside the open transaction.
struct FaultHooks: BridgeHooks {
    let killer: Killer
    let sendsBeforeCommit: Bool

    func reached(_ point: FaultPoint) { killer.reached(point) }

    func preparing(_ departures: [Departure], for link: any ChannelLink) -> Bool {
        guard sendsBeforeCommit, !departures.isEmpty else { return false }
        // Deliberately wrong: the bytes are on the wire before the ratchet is on the disk.
        let sent = Gate()
        Task.detached {
            for departure in departures { try? await link.handOver(departure.prepared, outbox: departure.outbox) }
            sent.open()
        }
        sent.wait()
        return true
    }
}

/// `ack-before-commit`: tells the server, and moves the archive position, before anything of the
/// message is stored. Deliberately wrong.
final class HastyHost: LinkHost {
    private let host: any LinkHost
    private let link: any ChannelLink
    private let writer: Writer

    init(host: any LinkHost, link: any ChannelLink, writer: Writer) {
        self.host = host
        self.link = link
        self.writer = writer
    }

    func received(_ envelope: Envelope) async {
        let channel = link.id
        if let position = envelope.position {
            try? await writer.perform { try $0.setPosition(position, of: channel) }
        }
        if let token = envelope.token {
            if let numbering = link as? any NumberingLink, let mark = await numbering.mark(committing: [token]) {
                try? await writer.perform { try $0.keep(mark, of: channel) }
                await numbering.kept(mark)
            }
            await link.acknowledge([token])
        }
        await host.received(envelope)
    }

    var streams: any StreamKeeper { host.streams }
    func drain() async { await host.drain() }
    func withCodec<R: Sendable>(_ body: @escaping @Sendable (any ChannelCodec) throws -> R) async throws -> R {
        try await host.withCodec(body)
    }
    func withCodec<R: Sendable>(
        unlessUnderWayTo address: Address, _ body: @escaping @Sendable (any ChannelCodec) throws -> R
    ) async throws -> R? {
        try await host.withCodec(unlessUnderWayTo: address, body)
    }
    func archivePosition() async throws -> ArchivePosition? { try await host.archivePosition() }
    func online(resumed: Bool) async { await host.online(resumed: resumed) }
    func confirmed(_ ids: [OutboxID]) async { await host.confirmed(ids) }
    func raise(_ alarm: Alarm, count: Int) async { await host.raise(alarm, count: count) }
    func offline(reason: String) async { await host.offline(reason: reason) }
}

/// Answers every message with its own words, so that a test can tell each reply apart.
struct EchoResponder: Responder {
    func respond(to input: ResponderInput) -> ResponderOutput {
        ResponderOutput(
            state: [1],
            replies: [.init(text: input.text, protection: input.protection, topic: nil, variety: nil)],
            handsOver: false)
    }
}
