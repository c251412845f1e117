import Dispatch

/// Blocks a thread until opened, two seconds at most. Only for the deliberately wrong order of
/// `send-before-commit`, which must hold the transaction open while it sends.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    func open() { semaphore.signal() }
    func wait() { _ = semaphore.wait(timeout: .now() + 2) }
}
