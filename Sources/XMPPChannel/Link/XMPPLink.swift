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
final class XMPPLink: NumberingLink {
    let id = ChannelID.xmpp
    let account: JID
    let client: XMPPClient
    let lists: KnownDeviceLists
    let logger: Logger
    let clock: @Sendable () -> Date

    let tokens = TokenBook()
    /// The stream on which our session is; messages prepared for it go out on no other.
    let place = Mutex(StreamPlace())
    /// The stream on which a turn is under way.
    let turn = Mutex<UInt64?>(nil)
    /// The stream of the last run, until the server has answered for it.
    let restored = Mutex<StoredStream?>(nil)
    private let mostWaiting: Int
    let bundles: BundleFetcher
    let owed: OwedMessages
    private let host = Mutex<(any LinkHost)?>(nil)

    init(
        configuration: ClientConfiguration, lists: KnownDeviceLists, owed: OwedMessages = OwedMessages(),
        logger: Logger,
        clock: @escaping @Sendable () -> Date = { Date() },
        mostWaiting: Int = 1_000,
        transport: XMPPClient.TransportFactory? = nil
    ) {
        self.mostWaiting = mostWaiting
        account = configuration.account
        client = transport.map { XMPPClient(configuration, transport: $0) } ?? XMPPClient(configuration)
        self.lists = lists
        self.owed = owed
        self.logger = logger
        self.clock = clock
        bundles = BundleFetcher(client: client, lists: lists, logger: logger, clock: clock)
    }

    func run(_ host: any LinkHost) async throws {
        self.host.withLock { $0 = host }
        await takeUp(host.streams)
        let session = LinkSession(link: self, host: host, tokens: tokens, mostWaiting: mostWaiting)
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
        // The client may have begun a new stream that our session has not heard of yet. What the old
        // one left open is settled first, or a conversation would lose its order. What has a number goes out on the
        // stream of its number, or not at all.
        let stream = turn.withLock { $0 } ?? place.withLock { $0.stream }
        try await client.send(serialized: prepared.bytes, token: outbox.rawValue, on: stream)
    }

    /// A new stream has begun.
    func begin() async {
        let current = await client.stream
        place.withLock { $0 = StreamPlace(stream: current) }
        tokens.beginStream()
    }

    func acknowledge(_ acknowledged: [AcknowledgementToken]) async {
        let entries = acknowledged.compactMap { tokens.take($0) }
        for case let number? in entries.map(\.number) { await client.committed(number) }
        // XEP-0184 §5.3: only now is it true that we have it.
        for case let receipt? in entries.map(\.receipt) { await send(receipt: receipt) }
    }

    /// Without waiting for the network: whoever waits for it here stops the reading, and a server that
    /// writes to us need not read.
    private func send(receipt: Element) async {
        do { try await client.post(receipt) } catch { tokens.owe(receipt) }
    }

    /// Receipts for what was committed while there was no stream.
    func sendOwedReceipts() async {
        for receipt in tokens.takeOwed() { await send(receipt: receipt) }
    }

    func settle(_ messages: [HandedOver]) async throws -> [OutboxID: Settlement] {
        let host = host.withLock { $0 }
        return try await ArchiveSettlement(client: client) {
            if let host { await self.raiseCeiling(host.streams) }
        }.settle(messages)
    }
}
