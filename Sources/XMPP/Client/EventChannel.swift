import Synchronization

/// The events of a client: a queue of limited length between one producer, which waits while it is
/// full, and one consumer.
public final class ClientEvents: AsyncSequence, Sendable {
    public typealias Element = ClientEvent

    private struct State: Sendable {
        var queue: [ClientEvent] = []
        var isFinished = false
        var consumer: CheckedContinuation<ClientEvent?, Never>?
        var producer: CheckedContinuation<Void, Never>?
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int = 64) { self.capacity = capacity }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let events: ClientEvents
        public mutating func next() async -> ClientEvent? { await events.next() }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(events: self) }

    /// Whether the producer waits.
    var isFull: Bool { state.withLock { $0.producer != nil } }

    /// Queues an event; waits while the queue is full. After `finish` events are dropped.
    func put(_ event: ClientEvent) async {
        let (consumer, isFull) = state.withLock { state in
            guard !state.isFinished else { return (nil as CheckedContinuation<ClientEvent?, Never>?, false) }
            if let consumer = state.consumer {
                state.consumer = nil
                return (consumer, false)
            }
            state.queue.append(event)
            return (nil, state.queue.count >= capacity)
        }
        consumer?.resume(returning: event)
        guard isFull else { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: CheckedContinuation<Void, Never>) in
                let waits = state.withLock { state in
                    guard state.queue.count >= capacity, !state.isFinished, !Task.isCancelled else { return false }
                    state.producer = waiter
                    return true
                }
                if !waits { waiter.resume() }
            }
        } onCancel: {
            releaseProducer()
        }
    }

    func finish() {
        let (consumer, producer) = state.withLock { state in
            state.isFinished = true
            defer {
                state.consumer = nil
                state.producer = nil
            }
            return (state.consumer, state.producer)
        }
        consumer?.resume(returning: nil)
        producer?.resume()
    }

    private func releaseProducer() {
        let producer = state.withLock { state in
            defer { state.producer = nil }
            return state.producer
        }
        producer?.resume()
    }

    private func next() async -> ClientEvent? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: CheckedContinuation<ClientEvent?, Never>) in
                let (event, producer, answers) = state.withLock {
                    state -> (ClientEvent?, CheckedContinuation<Void, Never>?, Bool) in
                    if Task.isCancelled { return (nil, nil, true) }
                    if !state.queue.isEmpty {
                        let event = state.queue.removeFirst()
                        defer { state.producer = nil }
                        return (event, state.producer, true)
                    }
                    if state.isFinished || state.consumer != nil { return (nil, nil, true) }
                    state.consumer = waiter
                    return (nil, nil, false)
                }
                producer?.resume()
                if answers { waiter.resume(returning: event) }
            }
        } onCancel: {
            let consumer = state.withLock { state in
                defer { state.consumer = nil }
                return state.consumer
            }
            consumer?.resume(returning: nil)
        }
    }
}
