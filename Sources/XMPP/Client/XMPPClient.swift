/// One account's connection to its server: connects, logs in, resumes or binds, reconnects.
///
/// Everything that decides is a value (`StreamNegotiation`, `StreamManagement`, `Backoff`); this
/// actor moves bytes between them, the transport and whoever reads `events`. While nobody reads
/// the events, it stops reading from the network.
public actor XMPPClient {
    /// Makes the connection: tests put another in place of libcurl's.
    public typealias TransportFactory = @Sendable (TransportOptions) -> any Transport

    struct PendingIQ {
        let to: JID?
        let answer: CheckedContinuation<Element, any Error>
        let timer: Task<Void, Never>
    }

    struct Write {
        let bytes: [UInt8]
        let done: CheckedContinuation<Void, Never>?
    }

    public nonisolated let configuration: ClientConfiguration
    /// What happens, in order. One reader.
    public nonisolated let events = ClientEvents()

    let makeTransport: TransportFactory
    var management: StreamManagement
    var transport: (any Transport)?
    var isOnline = false
    /// The next connection binds anew: the server may resume the stream, but not hear us on it.
    var resumptionIsDoubtful = false
    var pending: [String: PendingIQ] = [:]
    var archivePages: [String: [ArchivedMessage]] = [:]
    var writes: [Write] = []
    var writer: Task<Void, Never>?
    /// Since when the reader waits for bytes; `nil` while it is busy or held back.
    var waitingSince: ContinuousClock.Instant?
    /// Since when the transport has not taken what it was given; `nil`: it has.
    var writingSince: ContinuousClock.Instant?
    /// Which stream this is: a resumed one is still the same.
    public internal(set) var stream: UInt64 = 0
    /// The address that the server gave us on this stream.
    var boundJID: JID?
    /// Why nobody but its holder may send a stanza now.
    var hold: Hold?
    /// What waits for the end of the hold, in order.
    var held: [Write] = []
    /// Why we ended the connection ourselves.
    var closeReason: StreamFailure?
    /// When the stream was set up; `nil`: it was not.
    var onlineSince: ContinuousClock.Instant?
    private var hasRun = false

    public init(
        _ configuration: ClientConfiguration, transport: @escaping TransportFactory = { CurlTransport($0) }
    ) {
        self.configuration = configuration
        management = StreamManagement(isKept: configuration.leavesStreamResumable)
        makeTransport = transport
    }

    /// Keeps the account connected until the task is cancelled; then it closes the stream in order.
    /// - Throws: `StreamFailure` where `isFatal`; `CancellationError`; `ClientError.alreadyRunning`.
    public func run() async throws {
        guard !hasRun else { throw ClientError.alreadyRunning }
        hasRun = true
        defer { events.finish() }
        var backoff = configuration.backoff
        while true {
            let failure = await connection()
            try Task.checkCancellation()
            if failure.isFatal { throw failure }
            if hasProvenItself(failure) { backoff.reset() }
            await events.put(.offline(failure))
            try await Task.sleep(for: backoff.next())
        }
    }

    /// One connection from beginning to end.
    private func connection() async -> StreamFailure {
        let transport = makeTransport(configuration.transport)
        closeReason = nil
        onlineSince = nil
        var failure: StreamFailure
        do {
            try await transport.connect(deadline: configuration.connectDeadline)
            self.transport = transport
            var reader = try StreamReader(transport: transport, limits: configuration.limits)
            let outcome = try await negotiate(&reader)
            try await establish(outcome)
            try await read(&reader)
            failure = .ended
        } catch {
            failure = Self.failure(error)
        }
        failure = closeReason ?? failure
        switch failure {
        // Resumed, the stream would begin with the same again.
        case .xml, .protocolViolation: resumptionIsDoubtful = true
        default: break
        }
        isOnline = false
        waitingSince = nil
        if Task.isCancelled { sayGoodbye() }
        await drainWrites()
        await transport.close()
        self.transport = nil
        failPending()
        return failure
    }

    /// Whether the next attempt need not wait long: the stream was up, and it was the network that
    /// ended it. Two programs with the same resource would otherwise throw each other out every second.
    private func hasProvenItself(_ failure: StreamFailure) -> Bool {
        guard let onlineSince else { return false }
        if case .streamError = failure { return onlineSince.duration(to: .now) > configuration.backoff.limit }
        return true
    }

    private static func failure(_ error: any Error) -> StreamFailure {
        switch error {
        case let error as StreamFailure: error
        case let error as TransportError: .transport(error)
        case let error as XMLError: .xml(error)
        // Cancellation, which `run` looks for itself.
        default: .ended
        }
    }

    /// Ends the connection from within: the reader then finds it closed.
    func end(_ reason: StreamFailure) async {
        if closeReason == nil { closeReason = reason }
        await transport?.close()
    }
}
