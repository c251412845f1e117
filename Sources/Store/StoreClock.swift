import Foundation

/// The clocks of the store: the time of day that rows carry, and how much time passes, whatever somebody
/// sets the clock to.
public struct StoreClock: Sendable {
    /// The time of day. It may jump.
    let now: @Sendable () -> Date
    /// Since an arbitrary start; never goes back. `nil`: the time of day is taken not to jump.
    let elapsed: (@Sendable () -> Duration)?

    /// - Parameter elapsed: since an arbitrary start; `nil` when the other clock never jumps.
    public init(now: @escaping @Sendable () -> Date, elapsed: (@Sendable () -> Duration)? = nil) {
        self.now = now
        self.elapsed = elapsed
    }

    /// The machine's own. What passes while it sleeps has passed.
    public static var system: StoreClock {
        let start = ContinuousClock.now
        return StoreClock(now: { Date() }, elapsed: { start.duration(to: .now) })
    }
}

/// Notices that the time of day was set.
struct ClockWatch {
    /// Seconds by which the clocks may part before it counts: clocks are slewed, and read one after another.
    private static let tolerance: TimeInterval = 60

    private let clock: StoreClock
    /// The time of day at which `elapsed` was nought.
    private var origin: TimeInterval?

    init(_ clock: StoreClock) {
        self.clock = clock
        origin = Self.origin(clock)
    }

    /// By how much the time of day was set.
    struct Jump {
        let seconds: TimeInterval
        fileprivate let origin: TimeInterval
    }

    /// By how much it was set since the last jump that was accepted; `nil` if it was not.
    var jump: Jump? {
        guard let origin, let found = Self.origin(clock), abs(found - origin) > Self.tolerance else { return nil }
        return Jump(seconds: found - origin, origin: found)
    }

    /// What hangs on it was moved, and is on the disk.
    mutating func accept(_ jump: Jump) { origin = jump.origin }

    private static func origin(_ clock: StoreClock) -> TimeInterval? {
        clock.elapsed.map { elapsed in
            let passed = elapsed().components
            return clock.now().timeIntervalSince1970 - Double(passed.seconds) - Double(passed.attoseconds) * 1e-18
        }
    }
}

extension Transaction {
    /// Moves what is due after a time that passes, not at a time of day: take-overs, the pauses of the outbox,
    /// and how long answers to calls and hashes of messages are kept.
    ///
    /// - Parameter seconds: by which the time of day was set, forward or back.
    func clockJumped(by seconds: TimeInterval) throws {
        let shift = Int64((seconds * 1000).rounded())
        // Never to 0, which means that there is none.
        try db().run(
            """
            UPDATE conversation SET taken_over_until = max(taken_over_until + ?1, 1),
                taken_over_since = max(taken_over_since + ?1, 1)
            WHERE taken_over_since > 0 AND taken_over_until > 0
            """, [shift])
        try db().run(
            """
            UPDATE conversation SET outbox_not_before = max(outbox_not_before + ?1, 1) WHERE id IN
                (SELECT DISTINCT conversation_id FROM outbox WHERE stage IN ('intent', 'prepared'))
                AND outbox_not_before > 0
            """, [shift])
        // What is forgotten after days is forgotten after days that passed.
        try db().run("UPDATE idempotency SET at = max(at + ?, 1)", [shift])
        try db().run("UPDATE dedup SET expires_at = max(expires_at + ?, 1)", [shift])
        try db().run("UPDATE arrival_try SET at = max(at + ?, 1)", [shift])
        try audit("clock-jumped", subject: 0)
    }
}
