import Inbox
import StaffProtocol
import Synchronization

/// Reads events ahead of whoever handles them: while more new items are waited for, an erasure, a change of
/// the members or a lost connection ends that wait.
///
/// For one connection. It ends when the connection is lost, since what was missed then is fetched before the
/// next one.
final class EventAhead: Sendable {
    private struct State: Sendable {
        /// Read, not handed on yet, and not to be kept waiting.
        var urgent = 0
        var isOver = false
        var wait: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())

    /// The events among the signals of a follower, in their order. To be asked for once.
    func events(
        of signals: AsyncThrowingStream<EventFollower.Signal, any Error>
    ) -> AsyncThrowingStream<StaffEvent, any Error> {
        let (read, events) = AsyncThrowingStream.makeStream(of: StaffEvent.self)
        let reading = Task {
            do {
                reading: for try await signal in signals {
                    switch signal {
                    case .connected: continue
                    case .event(let event):
                        if event.isUrgent { hurry { $0.urgent += 1 } }
                        events.yield(event)
                    case .lost: break reading
                    }
                }
                events.finish()
            } catch {
                events.finish(throwing: error)
            }
            hurry { $0.isOver = true }
        }
        events.onTermination = { _ in reading.cancel() }
        return AsyncThrowingStream { [self] in
            var iterator = read.makeAsyncIterator()
            let event = try await iterator.next()
            if let event, event.isUrgent { state.withLock { $0.urgent -= 1 } }
            return event
        }
    }

    private func hurry(_ change: (inout State) -> Void) {
        let wait = state.withLock { state in
            change(&state)
            return state.wait
        }
        wait?.finish()
    }

    /// Waits as long as `pause` does, or until something comes that must not be kept waiting.
    func wait(_ pause: @escaping @Sendable () async throws -> Void) async throws {
        let (hurried, wait) = AsyncStream.makeStream(of: Void.self)
        let isOver = state.withLock { state in
            state.wait = wait
            return state.urgent > 0 || state.isOver
        }
        if isOver { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pause() }
            group.addTask { for await _ in hurried {} }
            try await group.next()
            group.cancelAll()
        }
    }
}

extension StaffEvent {
    /// Whether it takes something away from this machine: such an event does not wait for new messages.
    fileprivate var isUrgent: Bool {
        switch kind {
        case .erased, .roster, .reset: true
        case .item, .itemChanged, .conversation, .channel: false
        }
    }
}
