import Messaging

/// A channel without a network: it hands over envelopes, takes departures, and confirms them in
/// groups as a server's acknowledgements do. It numbers what leaves, as a link to a server that counts does.
actor MemoryLink: NumberingLink {
    /// A reply that left.
    struct Departure: Sendable {
        let outbox: OutboxID
        let bytes: [UInt8]
    }

    private static let confirmationLimit = 64

    nonisolated let id = ChannelID.xmpp
    private let fetch: @Sendable (Address) -> any PreparationMaterial
    private var host: (any LinkHost)?
    private var whenUp: [CheckedContinuation<any LinkHost, Never>] = []
    private var departures: [Departure] = []
    private var unconfirmed: [OutboxID] = []
    private var confirmed = 0
    private var expected = 0
    private var allConfirmed: CheckedContinuation<Void, Never>?
    /// The number of the stream, and its counts: messages taken in, stanzas of ours that left and that were confirmed.
    private var stream: Int64 = 0
    private var committed: Int64 = 0
    private var sent: Int64 = 0
    private var acknowledged: Int64 = 0

    /// - Parameter fetch: brings what a first message to an address needs.
    init(fetch: @escaping @Sendable (Address) -> any PreparationMaterial) { self.fetch = fetch }

    func run(_ host: any LinkHost) async throws {
        stream = try await host.streams.begin(Self.streamKey)
        try await host.streams.caughtUp(stream)
        self.host = host
        for continuation in whenUp { continuation.resume(returning: host) }
        whenUp = []
        await host.online(resumed: true)
        try await Task.sleep(for: .seconds(86_400))
    }

    /// Of the size that servers give; the C program writes the same.
    private static let streamKey = StreamKey(
        id: "5f0d3c2e-8a41-4c57-9d0e-1b7a6f2c9e34", account: Contact.helpline + "/bridge",
        server: "xmpp.example.org:5222")

    private var mark: StreamMark {
        StreamMark(
            stream: stream, committed: committed, acknowledged: acknowledged,
            ceiling: sent + StreamMark.headroom)
    }

    // Nothing but replies leaves here, so a turn keeps nobody waiting.
    func beginTurn() -> StreamTurn { StreamTurn(mark: mark, sent: sent) }
    func endTurn(_ turn: StreamTurn) {}
    func abandonTurn(_ turn: StreamTurn) {}

    func mark(committing tokens: [AcknowledgementToken]) -> StreamMark? {
        committed += Int64(tokens.count)
        return mark
    }

    func kept(_ mark: StreamMark) {}

    /// Hands over these envelopes and returns once a reply to each is confirmed.
    /// - Returns: the replies in the order in which they left.
    func exchange(_ envelopes: [Envelope]) async -> [Departure] {
        let host = await runningHost()
        expected = envelopes.count
        confirmed = 0
        departures = []
        departures.reserveCapacity(expected)
        for envelope in envelopes { await host.received(envelope) }
        if confirmed < expected {
            await withCheckedContinuation { allConfirmed = $0 }
        }
        return departures
    }

    private func runningHost() async -> any LinkHost {
        if let host { return host }
        return await withCheckedContinuation { whenUp.append($0) }
    }

    func handOver(_ prepared: Prepared, outbox: OutboxID) {
        departures.append(Departure(outbox: outbox, bytes: prepared.bytes))
        sent += 1
        unconfirmed.append(outbox)
        guard unconfirmed.count >= Self.confirmationLimit || departures.count == expected, let host else { return }
        let group = unconfirmed
        unconfirmed = []
        Task {
            await host.confirmed(group)
            confirm(group.count)
        }
    }

    private func confirm(_ count: Int) {
        confirmed += count
        acknowledged += Int64(count)
        if confirmed >= expected { allConfirmed.take()?.resume() }
    }

    func acknowledge(_ tokens: [AcknowledgementToken]) {}

    func material(for address: Address) -> any PreparationMaterial { fetch(address) }

    func settle(_ messages: [HandedOver]) -> [OutboxID: Settlement] { [:] }
}
