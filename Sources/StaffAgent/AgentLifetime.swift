import Glibc

/// The clocks by which the agent forgets, in seconds. Tests give their own.
public struct AgentClocks: Sendable {
    /// Does not run while the machine is suspended (`CLOCK_MONOTONIC`).
    public var awake: @Sendable () -> Double
    /// Runs on while the machine is suspended (`CLOCK_BOOTTIME`).
    public var boot: @Sendable () -> Double
    /// Seconds since 1970; may jump, and is only shown.
    public var wall: @Sendable () -> Double

    public init(
        awake: @escaping @Sendable () -> Double, boot: @escaping @Sendable () -> Double,
        wall: @escaping @Sendable () -> Double
    ) {
        self.awake = awake
        self.boot = boot
        self.wall = wall
    }

    public static let system = AgentClocks(
        awake: { read(CLOCK_MONOTONIC) }, boot: { read(CLOCK_BOOTTIME) }, wall: { read(CLOCK_REALTIME) })

    private static func read(_ clock: Int32) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Why the agent forgets everything and ends.
public enum AgentEnd: String, Sendable, Codable {
    case locked, idle, limit, suspended, signal, notMember
}

/// When the agent forgets. A value: time is what the caller says.
struct AgentLifetime: Sendable {
    /// Seconds without use, and seconds in all.
    let idle: Double
    let limit: Double
    private let clocks: AgentClocks
    private let startedBoot: Double
    private let startedWall: Double
    /// How far the boot clock is ahead of the other: more than this is a suspension.
    private let ahead: Double
    private var usedBoot: Double

    /// Seconds by which the two clocks may part without a suspension: they are read one after another.
    private static let tolerance = 2.0

    init(idle: Double, limit: Double, clocks: AgentClocks) {
        self.idle = idle
        self.limit = limit
        self.clocks = clocks
        startedBoot = clocks.boot()
        startedWall = clocks.wall()
        ahead = startedBoot - clocks.awake()
        usedBoot = startedBoot
    }

    /// Somebody used the keys.
    mutating func use() { usedBoot = clocks.boot() }

    /// Why it must end now; `nil` as long as it may go on.
    var end: AgentEnd? {
        let boot = clocks.boot()
        if boot - clocks.awake() - ahead > Self.tolerance { return .suspended }
        if boot - startedBoot >= limit { return .limit }
        if boot - usedBoot >= idle { return .idle }
        return nil
    }

    /// Seconds since 1970: when it began, ends without use, ends in any case.
    var since: Double { startedWall }
    var forgetsAt: Double { clocks.wall() + min(idle - (clocks.boot() - usedBoot), remaining) }
    var endsAt: Double { clocks.wall() + remaining }

    private var remaining: Double { limit - (clocks.boot() - startedBoot) }
}
