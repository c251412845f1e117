import Messaging

/// A channel without a network: it hands over envelopes, takes departures, and confirms them in
/// groups as a server's acknowledgements do.
actor MemoryLink: ChannelLink {
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

    /// - Parameter fetch: brings what a first message to an address needs.
    init(fetch: @escaping @Sendable (Address) -> any PreparationMaterial) { self.fetch = fetch }

    func run(_ host: any LinkHost) async throws {
        self.host = host
        for continuation in whenUp { continuation.resume(returning: host) }
        whenUp = []
        await host.online(resumed: true)
        try await Task.sleep(for: .seconds(86_400))
    }

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
        if confirmed >= expected { allConfirmed.take()?.resume() }
    }

    func acknowledge(_ tokens: [AcknowledgementToken]) {}

    func material(for address: Address) -> any PreparationMaterial { fetch(address) }

    func settle(_ messages: [HandedOver]) -> [OutboxID: Settlement] { [:] }
}
