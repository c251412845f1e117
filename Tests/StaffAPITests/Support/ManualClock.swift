import StaffAPI
import StaffProtocol
import Synchronization

/// Time that passes only when a test says so.
final class ManualClock: StaffClock {
    private struct Sleeper {
        let until: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var elapsed: Duration = .seconds(1_000)
        var day: Milliseconds = 1_795_000_000_000
        var next = 0
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
        var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        /// How often anything began to sleep.
        var begun = 0
        var waitingForSleeps: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var passing = Duration.zero
    }

    private let state = Mutex(State())

    var elapsed: Duration { state.withLock { $0.elapsed } }
    var now: Milliseconds { state.withLock { $0.day + $0.elapsed.components.seconds * 1000 } }

    /// Somebody sets the time of day: no time passes.
    func jump(by seconds: Int64) { state.withLock { $0.day += seconds * 1000 } }

    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.elapsed += duration
            let due = state.sleepers.filter { $0.value.until <= state.elapsed }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    /// Returns once at least this many sleep.
    func waitForSleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.waiting.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    /// Returns once anything has begun to sleep for this many times, ever.
    func waitForSleeps(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.begun >= count { return true }
                state.waitingForSleeps.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    /// From now on whoever sleeps for no longer than this has slept at once.
    func letPass(upTo duration: Duration) { state.withLock { $0.passing = duration } }

    func sleep(for duration: Duration) async throws {
        if state.withLock({ duration <= $0.passing }) { return }
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    state.begun += 1
                    if state.cancelled.remove(id) != nil { return true }
                    state.sleepers[id] = Sleeper(until: state.elapsed + duration, continuation: continuation)
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
                resumeWaiting()
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                if state.sleepers[id] == nil { state.cancelled.insert(id) }
                return state.sleepers.removeValue(forKey: id)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    private func resumeWaiting() {
        let reached = state.withLock { state in
            let (sleepers, begun) = (state.sleepers.count, state.begun)
            let reached =
                state.waiting.filter { $0.count <= sleepers } + state.waitingForSleeps.filter { $0.count <= begun }
            state.waiting.removeAll { $0.count <= sleepers }
            state.waitingForSleeps.removeAll { $0.count <= begun }
            return reached.map(\.continuation)
        }
        for waiter in reached { waiter.resume() }
    }
}
