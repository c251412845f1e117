import Synchronization

/// Tells whoever listens the number of the newest event.
final class EventBroadcast: Sendable {
    private struct State: Sendable {
        var newest: Int64
        var next = 0
        var isFinished = false
        var listeners: [Int: AsyncStream<Int64>.Continuation] = [:]
    }

    private let state: Mutex<State>

    init(newest: Int64) { state = Mutex(State(newest: newest)) }

    /// A slow listener gets the newest number only; what lies between is read from the store.
    func listen() -> AsyncStream<Int64> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int64.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state -> Int? in
            if state.isFinished { return nil }
            defer { state.next += 1 }
            state.listeners[state.next] = continuation
            return state.next
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: number) }
        }
        return stream
    }

    /// After a commit. Says nothing when no event came.
    func tell(_ newest: Int64) {
        let listeners = state.withLock { state -> [AsyncStream<Int64>.Continuation] in
            guard newest > state.newest else { return [] }
            state.newest = newest
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.yield(newest) }
    }

    func finish() {
        let listeners = state.withLock { state in
            state.isFinished = true
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }
}
