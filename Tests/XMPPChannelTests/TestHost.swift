import Foundation
import Logging
import Messaging
import OMEMO
import SignalProtocol
import XMPP

@testable import XMPPChannel

/// The bridge as a link sees it: stores in memory, commits at once, notes what happens.
actor TestHost: LinkHost {
    enum Event: Sendable, Equatable {
        case online(resumed: Bool)
        case offline
        case message(String)
        /// Set aside, with the code.
        case refused(String)
        case confirmed([OutboxID])
        /// A message of ours, with the reason.
        case bounced(OriginID, String)
    }

    nonisolated let lists = KnownDeviceLists()
    nonisolated let kept = MemoryStreams()
    nonisolated var streams: any StreamKeeper { kept }
    private let store = InMemoryOMEMOStore()
    private let codec: XMPPCodec
    private let events: AsyncStream<Event>.Continuation
    private var known: Set<DedupSource> = []
    private var position: ArchivePosition?
    private var link: (any ChannelLink)?
    private var acknowledges = true
    /// How many messages came that were stored already.
    private(set) var repeats = 0
    private var isHeld = false
    private var held: [CheckedContinuation<Void, Never>] = []

    /// - Parameter account: the bridge's bare address.
    init(account: String, events: AsyncStream<Event>.Continuation) throws {
        self.events = events
        let engine = try OMEMOEngine(context: SignalContext(), store: store, ownJID: account)
        try engine.setUp()
        codec = XMPPCodec(engine: engine, lists: lists, savepoint: { [store] in try store.transaction($0) })
    }

    func use(_ link: any ChannelLink) { self.link = link }

    /// Like a bridge that is killed before the commit: from now on nothing is stored or acknowledged.
    func loseEverything() { acknowledges = false }

    func comeBack() { acknowledges = true }

    /// From now on `received` waits, as with a disk that takes nothing.
    func hold() { isHeld = true }

    var isWaiting: Bool { !held.isEmpty }

    func release() {
        isHeld = false
        for one in held { one.resume() }
        held = []
    }

    func received(_ envelope: Envelope) async {
        if isHeld { await withCheckedContinuation { held.append($0) } }
        guard acknowledges else { return }
        // As the bridge does: the mark is committed with the message.
        if let link = link as? any NumberingLink,
            let mark = await link.mark(committing: [envelope.token].compactMap { $0 })
        {
            try? await kept.keep(mark)
            await link.kept(mark)
        }
        if let bounce = XMPPChannel.bounce(of: envelope) {
            events.yield(.bounced(bounce.originID, bounce.code))
        } else if known.contains(envelope.dedup) {
            repeats += 1
        } else {
            store(envelope)
        }
        if let place = envelope.position { position = place }
        if let token = envelope.token { await link?.acknowledge([token]) }
    }

    private func store(_ envelope: Envelope) {
        known.insert(envelope.dedup)
        do {
            let opened = try store.transaction { try codec.open(envelope) }
            switch opened {
            case .message(let message): events.yield(.message(message.text))
            case .unreadable: events.yield(.refused("unreadable"))
            case .silent: break
            }
        } catch {
            events.yield(.refused((error as? PoisonError)?.code ?? "\(error)"))
        }
    }

    func drain() async {}

    func withCodec<R: Sendable>(
        _ body: @escaping @Sendable (any ChannelCodec) throws -> R
    ) async throws -> R {
        try store.transaction { try body(codec) }
    }

    /// Addresses to which something is on its way.
    var underWay: Set<String> = []
    func setUnderWay(_ addresses: Set<String>) { underWay = addresses }

    func withCodec<R: Sendable>(
        unlessUnderWayTo address: Address, _ body: @escaping @Sendable (any ChannelCodec) throws -> R
    ) async throws -> R? {
        underWay.contains(address.value) ? nil : try store.transaction { try body(codec) }
    }

    func archivePosition() async throws -> ArchivePosition? { position }
    func online(resumed: Bool) async { events.yield(.online(resumed: resumed)) }
    func confirmed(_ ids: [OutboxID]) async { events.yield(.confirmed(ids)) }
    private(set) var alarms: [Alarm] = []
    func raise(_ alarm: Alarm, count: Int) { alarms.append(alarm) }

    func offline(reason: String) async { events.yield(.offline) }

    func prepare(_ draft: Draft, material: (any PreparationMaterial)?) throws -> Prepared {
        try store.transaction { try codec.prepare(draft, material: material) }
    }

    func readiness(for draft: Draft) throws -> Readiness { try codec.readiness(for: draft) }

    func unusedPreKeys() throws -> Int { try store.unusedPreKeyCount() }
}

/// A link that runs over a host, with the host's events one by one.
struct RunningLink: ~Copyable {
    let host: TestHost
    private(set) var link: XMPPLink
    private let configuration: ClientConfiguration
    private var events: AsyncStream<TestHost.Event>.Iterator
    private var task: Task<Void, any Error>

    private let mostWaiting: Int
    private let transport: XMPPClient.TransportFactory?

    /// - Parameters:
    ///   - mostWaiting: see `LinkSession`.
    ///   - transport: in place of libcurl's.
    ///   - held: the host waits from the beginning.
    init(
        _ configuration: ClientConfiguration, mostWaiting: Int = 1_000, held: Bool = false,
        transport: XMPPClient.TransportFactory? = nil
    ) async throws {
        self.mostWaiting = mostWaiting
        self.transport = transport
        let (stream, continuation) = AsyncStream<TestHost.Event>.makeStream()
        let host = try TestHost(account: configuration.account.text, events: continuation)
        self.host = host
        self.configuration = configuration
        events = stream.makeAsyncIterator()
        if held { await host.hold() }
        let link = Self.makeLink(configuration, host, mostWaiting, transport)
        self.link = link
        await host.use(link)
        task = Task { try await link.run(host) }
    }

    deinit { task.cancel() }

    private static func makeLink(
        _ configuration: ClientConfiguration, _ host: TestHost, _ mostWaiting: Int,
        _ transport: XMPPClient.TransportFactory?
    ) -> XMPPLink {
        XMPPLink(
            configuration: configuration, lists: host.lists,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, mostWaiting: mostWaiting,
            transport: transport)
    }

    /// The next event that is not `offline`.
    mutating func next() async throws -> TestHost.Event {
        while let event = await events.next() {
            if event != .offline { return event }
        }
        throw CancellationError()
    }

    /// As many messages as asked for, in the order in which the host stored them, whatever else
    /// happens between them.
    mutating func messages(_ count: Int) async throws -> [String] {
        var texts: [String] = []
        while texts.count < count {
            switch try await next() {
            case .message(let text): texts.append(text)
            case .refused(let code): texts.append("refused: \(code)")
            case .online, .confirmed, .offline, .bounced: break
            }
        }
        return texts
    }

    @discardableResult
    mutating func online() async throws -> Bool {
        while true {
            if case .online(let resumed) = try await next() { return resumed }
        }
    }

    mutating func confirmed() async throws -> [OutboxID] {
        while true {
            if case .confirmed(let ids) = try await next() { return ids }
        }
    }

    /// Ends the link; the host and what it stored stay.
    func stop() async {
        task.cancel()
        _ = await task.result
    }

    /// A new link over the same host, as after a restart of the program.
    mutating func restart() async {
        let link = Self.makeLink(configuration, host, mostWaiting, transport)
        let host = host
        self.link = link
        await host.use(link)
        task = Task { try await link.run(host) }
    }
}
