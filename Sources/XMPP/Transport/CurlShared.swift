import CCurl
import Synchronization

/// What the callers of a `CurlTransport` and its thread share: small state under a lock.
///
/// Continuations are always resumed outside the lock, each exactly once.
final class CurlShared: Sendable {
    /// Received bytes that may wait for the consumer before the thread stops reading.
    static let readAhead = 256 * 1024

    struct Outgoing: Sendable {
        let bytes: [UInt8]
        let done: CheckedContinuation<Void, any Error>
    }

    enum Phase: Sendable {
        case idle, connecting, open
        /// Without an error the server closed the connection in order.
        case ended(TransportError?)
    }

    struct State: Sendable {
        var phase = Phase.idle
        /// Address of the `CURLM` while the thread is alive: as a number, since a pointer is not
        /// `Sendable`. It is used for `curl_multi_wakeup` only, and only under the lock.
        var multi: UInt?
        var connecting: CheckedContinuation<Void, any Error>?
        var outgoing: [Outgoing] = []
        var incoming: [[UInt8]] = []
        var incomingCount = 0
        var receiver: CheckedContinuation<[UInt8]?, any Error>?
        var isClosing = false
        var isGone = false
        var closers: [CheckedContinuation<Void, Never>] = []

        func wake() {
            guard let multi, let handle = UnsafeMutableRawPointer(bitPattern: multi) else { return }
            curl_multi_wakeup(handle)
        }
    }

    let state = Mutex(State())

    // MARK: Called by the transport

    func send(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            let refusal: TransportError? = state.withLock { state in
                guard case .open = state.phase, !state.isClosing else { return Self.endError(state.phase) }
                state.outgoing.append(Outgoing(bytes: bytes, done: done))
                state.wake()
                return nil
            }
            if let refusal { done.resume(throwing: refusal) }
        }
    }

    func receive() async throws -> [UInt8]? {
        try Task.checkCancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: CheckedContinuation<[UInt8]?, any Error>) in
                let answer: Result<[UInt8]?, any Error>? = state.withLock { Self.answer(&$0, waiter) }
                if let answer { waiter.resume(with: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.receiver = nil }
                return state.receiver
            }
            waiter?.resume(throwing: CancellationError())
        }
    }

    private static func answer(
        _ state: inout State, _ waiter: CheckedContinuation<[UInt8]?, any Error>
    ) -> Result<[UInt8]?, any Error>? {
        // The handler above may have run before the continuation was stored.
        if Task.isCancelled { return .failure(CancellationError()) }
        if !state.incoming.isEmpty {
            let chunk = state.incoming.removeFirst()
            state.incomingCount -= chunk.count
            state.wake()
            return .success(chunk)
        }
        switch state.phase {
        case .ended(nil) where !state.isClosing: return .success(nil)
        case .open where !state.isClosing && state.receiver == nil:
            state.receiver = waiter
            return nil
        default: return .failure(endError(state.phase))
        }
    }

    func requestClose() {
        state.withLock { state in
            state.isClosing = true
            if case .idle = state.phase {
                state.phase = .ended(TransportError(.closed))
                state.isGone = true
            }
            state.wake()
        }
    }

    func waitUntilGone() async {
        await withCheckedContinuation { (waiter: CheckedContinuation<Void, Never>) in
            let isGone = state.withLock { state in
                if !state.isGone { state.closers.append(waiter) }
                return state.isGone
            }
            if isGone { waiter.resume() }
        }
    }

    static func endError(_ phase: Phase) -> TransportError {
        if case .ended(let error?) = phase { error } else { TransportError(.closed) }
    }

    // MARK: Called by the thread

    func attach(_ multi: UnsafeMutableRawPointer) {
        let address = UInt(bitPattern: multi)
        state.withLock { $0.multi = address }
    }

    func opened() {
        let waiter = state.withLock { state in
            state.phase = .open
            defer { state.connecting = nil }
            return state.connecting
        }
        waiter?.resume()
    }

    func received(_ chunk: [UInt8]) {
        let waiter = state.withLock { state in
            if state.receiver == nil {
                state.incoming.append(chunk)
                state.incomingCount += chunk.count
            }
            defer { state.receiver = nil }
            return state.receiver
        }
        waiter?.resume(returning: chunk)
    }

    /// From here on nobody touches the curl handles but the thread, which frees them.
    func ended(_ error: TransportError?) {
        let (connecting, outgoing, receiver, isClosing) = state.withLock { state in
            state.multi = nil
            state.phase = .ended(error)
            defer {
                state.connecting = nil
                state.outgoing = []
                state.receiver = nil
            }
            return (state.connecting, state.outgoing, state.receiver, state.isClosing)
        }
        let failure = error ?? TransportError(.closed)
        connecting?.resume(throwing: failure)
        for item in outgoing { item.done.resume(throwing: failure) }
        if error == nil && !isClosing {
            receiver?.resume(returning: nil)
        } else {
            receiver?.resume(throwing: failure)
        }
    }

    func gone() {
        let waiters = state.withLock { state in
            state.isGone = true
            defer { state.closers = [] }
            return state.closers
        }
        for waiter in waiters { waiter.resume() }
    }
}
