import Synchronization

/// One request and its answer: what the caller and the thread share, small state under a lock.
///
/// Continuations are always resumed outside the lock, each exactly once.
final class Transfer: Sendable {
    /// Bytes that may wait for the reader before the thread stops reading.
    static let readAhead = 256 * 1024

    let request: HTTPRequest
    let headDeadline: ContinuousClock.Instant
    let totalDeadline: ContinuousClock.Instant?
    let idle: Duration?

    private struct State {
        var head: Result<HTTPHead, any Error>?
        var headWaiter: CheckedContinuation<HTTPHead, any Error>?
        var chunks: [[UInt8]] = []
        var waiting = 0
        var reader: CheckedContinuation<[UInt8]?, any Error>?
        /// `nil` while more may come; an error when the answer was cut off.
        var end: Result<Void, any Error>?
        var isCancelled = false
        var wake: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    init(request: HTTPRequest, headDeadline: Duration, totalDeadline: Duration?, idle: Duration?) {
        self.request = request
        self.headDeadline = .now + headDeadline
        self.totalDeadline = totalDeadline.map { .now + $0 }
        self.idle = idle
    }

    // MARK: Called by the one who asked

    func head() async throws -> HTTPHead {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                let answer: Result<HTTPHead, any Error>? = state.withLock { state in
                    if state.head == nil { state.headWaiter = waiter }
                    return state.head
                }
                if let answer { waiter.resume(with: answer) }
            }
        } onCancel: {
            cancel()
        }
    }

    func next() async throws -> [UInt8]? {
        try Task.checkCancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: CheckedContinuation<[UInt8]?, any Error>) in
                let (answer, wake) = state.withLock { Self.take(&$0, waiter) }
                wake?()
                if let answer { waiter.resume(with: answer) }
            }
        } onCancel: {
            cancel()
        }
    }

    private static func take(
        _ state: inout State, _ waiter: CheckedContinuation<[UInt8]?, any Error>
    ) -> (Result<[UInt8]?, any Error>?, (@Sendable () -> Void)?) {
        if !state.chunks.isEmpty {
            let chunk = state.chunks.removeFirst()
            let wasFull = state.waiting >= readAhead
            state.waiting -= chunk.count
            return (.success(chunk), wasFull && state.waiting < readAhead ? state.wake : nil)
        }
        if let end = state.end { return (end.map { nil }, nil) }
        guard state.reader == nil else {
            return (.failure(HTTPError(.library, reason: "An answer has one reader.")), nil)
        }
        state.reader = waiter
        return (nil, nil)
    }

    /// Ends the transfer: what waits for it gets `CancellationError`, and the connection is closed.
    func cancel() {
        let wake = state.withLock { state in
            state.isCancelled = true
            return state.end == nil ? state.wake : nil
        }
        finish(.failure(CancellationError()))
        wake?()
    }

    // MARK: Called by the thread

    /// - Parameter wake: makes the thread look at this transfer again.
    func attach(wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }
    var hasRoom: Bool { state.withLock { $0.waiting < Self.readAhead } }

    func received(_ head: HTTPHead) {
        let waiter = state.withLock { state -> CheckedContinuation<HTTPHead, any Error>? in
            guard state.head == nil else { return nil }
            state.head = .success(head)
            defer { state.headWaiter = nil }
            return state.headWaiter
        }
        waiter?.resume(returning: head)
    }

    func received(_ chunk: [UInt8]) {
        let reader = state.withLock { state in
            if state.reader == nil {
                state.chunks.append(chunk)
                state.waiting += chunk.count
            }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: chunk)
    }

    /// The first end counts.
    func finish(_ end: Result<Void, any Error>) {
        let (headWaiter, headAnswer, reader) = state.withLock { state in
            guard state.end == nil else {
                return (
                    nil as CheckedContinuation<HTTPHead, any Error>?, nil as Result<HTTPHead, any Error>?,
                    nil as CheckedContinuation<[UInt8]?, any Error>?
                )
            }
            state.end = end
            if state.isCancelled {
                state.chunks = []
                state.waiting = 0
            }
            if state.head == nil { state.head = end.flatMap { .failure(HTTPError(.cut)) } }
            defer {
                state.headWaiter = nil
                state.reader = nil
            }
            return (state.headWaiter, state.head, state.reader)
        }
        if let headWaiter, let headAnswer { headWaiter.resume(with: headAnswer) }
        reader?.resume(with: end.map { nil })
    }
}
