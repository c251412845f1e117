import Messaging

/// Says in the reason of a lost connection which server was meant: `channel` alone does not tell a
/// wrong port from a server that is down. A host, never the address of a person.
final class NamedServer: LinkHost {
    private let host: any LinkHost
    private let server: String

    init(_ host: any LinkHost, server: String) {
        self.host = host
        self.server = server
    }

    func offline(reason: String) async { await host.offline(reason: "\(reason) (\(server))") }

    var streams: any StreamKeeper { host.streams }
    func received(_ envelope: Envelope) async { await host.received(envelope) }
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
}
