import Foundation
import StaffProtocol

/// The time that sessions, heartbeats and deadlines go by.
public protocol StaffClock: Sendable {
    /// Since an arbitrary start; never goes back, and goes on while the machine sleeps.
    var elapsed: Duration { get }
    /// The time of day, only to be shown.
    var now: Milliseconds { get }
    /// Throws `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The machine's own clocks.
public struct SystemStaffClock: StaffClock {
    private let start = ContinuousClock.now

    public init() {}

    public var elapsed: Duration { start.duration(to: .now) }
    public var now: Milliseconds { Milliseconds((Date().timeIntervalSince1970 * 1000).rounded()) }
    public func sleep(for duration: Duration) async throws { try await ContinuousClock().sleep(for: duration) }
}
