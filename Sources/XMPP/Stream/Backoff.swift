/// How long to wait before the next attempt: doubling, with jitter, so that many clients do not
/// come back at the same moment.
public struct Backoff: Sendable {
    public let first: Duration
    public let limit: Duration
    private var attempt = 0

    public init(first: Duration = .seconds(1), limit: Duration = .seconds(300)) {
        self.first = first
        self.limit = limit
    }

    /// The next wait: between half and the whole of what doubling gives, never above `limit`.
    /// - Parameter random: 0 ..< 1.
    public mutating func next(random: Double = .random(in: 0..<1)) -> Duration {
        // 2^20 seconds are above any sensible limit; the shift stays far from overflow.
        let full = min(first * (1 << min(attempt, 20)), limit)
        attempt += 1
        return full * (0.5 + random / 2)
    }

    /// Begins again, after a success.
    public mutating func reset() { attempt = 0 }
}
