/// Waits longer each time, up to a limit.
struct Backoff {
    private var next: Duration
    private let most: Duration

    init(first: Duration, most: Duration) {
        next = first
        self.most = most
    }

    /// Waits; returns at once when the task is cancelled.
    mutating func wait() async {
        let delay = take()
        try? await Task.sleep(for: delay)
    }

    mutating func take() -> Duration {
        defer { next = min(next * 2, most) }
        return next
    }
}
