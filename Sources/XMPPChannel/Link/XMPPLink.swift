import Foundation
import Logging
import Messaging
import OMEMO
import Synchronization
import XMPP

/// The half of the channel that speaks to the network.
///
/// After a connection that is not the old one resumed: our keys are published, the archive is read
/// from the last committed position on, and only then what came live meanwhile is handed over, so
/// that each conversation keeps its order.
final class XMPPLink: ChannelLink {
    let id = ChannelID.xmpp
    let account: JID
    let client: XMPPClient
    let lists: KnownDeviceLists
    let logger: Logger
    let clock: @Sendable () -> Date

    private let tokens = TokenBook()
    private let bundles: BundleFetcher
    private let host = Mutex<(any LinkHost)?>(nil)

    init(
        configuration: ClientConfiguration, lists: KnownDeviceLists, logger: Logger,
        clock: @escaping @Sendable () -> Date = { Date() },
        transport: XMPPClient.TransportFactory? = nil
    ) {
        account = configuration.account
        client = transport.map { XMPPClient(configuration, transport: $0) } ?? XMPPClient(configuration)
        self.lists = lists
        self.logger = logger
        self.clock = clock
        bundles = BundleFetcher(client: client, lists: lists, logger: logger, clock: clock)
    }

    func run(_ host: any LinkHost) async throws {
        self.host.withLock { $0 = host }
        let session = LinkSession(link: self, host: host, tokens: tokens)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.client.run() }
            group.addTask { await session.run() }
            defer { group.cancelAll() }
            // The client ends first: when cancelled, or when going on makes no sense.
            while try await group.next() != nil {}
        }
    }

    func material(for address: Address) async throws -> any PreparationMaterial {
        guard let host = host.withLock({ $0 }) else { throw ClientError.offline }
        return try await bundles.material(for: address.value, host: host)
    }

    func handOver(_ prepared: Prepared, outbox: OutboxID) async throws {
        try await client.send(serialized: prepared.bytes, token: outbox.rawValue)
    }

    func acknowledge(_ acknowledged: [AcknowledgementToken]) async {
        for token in acknowledged {
            guard let entry = tokens.take(token) else { continue }
            if let number = entry.number { await client.committed(number) }
            // XEP-0184 §5.3: only now is it true that we have it.
            if let receipt = entry.receipt { try? await client.send(receipt) }
        }
    }

    func settle(_ messages: [HandedOver]) async throws -> [OutboxID: Settlement] {
        try await ArchiveSettlement(client: client).settle(messages)
    }
}

/// What each acknowledgement token stands for.
final class TokenBook: Sendable {
    struct Entry: Sendable {
        /// The stream's number; `nil` for a message from the archive.
        let number: UInt64?
        let receipt: Element?
    }

    private struct State: Sendable {
        var last: UInt64 = 0
        var entries: [UInt64: Entry] = [:]
    }

    private let state = Mutex(State())

    func make(_ entry: Entry) -> AcknowledgementToken {
        state.withLock { state in
            state.last += 1
            state.entries[state.last] = entry
            return AcknowledgementToken(state.last)
        }
    }

    func take(_ token: AcknowledgementToken) -> Entry? {
        state.withLock { $0.entries.removeValue(forKey: token.rawValue) }
    }

    /// A new stream: what was not acknowledged on the old one comes again from the archive.
    func forget() { state.withLock { $0.entries = [:] } }
}
