import Foundation
import Store
import Synchronization

/// Wall-clock and CPU time of the measured parts, added up.
struct Stopwatch {
    private(set) var seconds = 0.0
    private(set) var cpuSeconds = 0.0

    mutating func measure<R>(_ body: () async throws -> R) async rethrows -> R {
        let started = (wall: ContinuousClock.now, cpu: Self.cpu())
        let result = try await body()
        seconds += (ContinuousClock.now - started.wall) / .seconds(1)
        cpuSeconds += Self.cpu() - started.cpu
        return result
    }

    /// User and system time of the whole process, in seconds.
    private static func cpu() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Counts commits.
final class CommitCounter: CommitObserver {
    private let commits = Atomic(0)

    var count: Int { commits.load(ordering: .relaxed) }
    func willCommit() {}
    func didCommit() { commits.add(1, ordering: .relaxed) }
}

/// What one run gave.
struct Measurement {
    let messages: Int
    let stopwatch: Stopwatch
    let transactions: Int

    private struct Line: Encodable {
        let program = "sila"
        let workload: String
        let messages: Int
        let seconds: Double
        let cpuSeconds: Double
        let transactions: Int
    }

    func json(workload: Workload) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let line = Line(
            workload: workload.rawValue, messages: messages, seconds: stopwatch.seconds,
            cpuSeconds: stopwatch.cpuSeconds, transactions: transactions)
        return String(decoding: try encoder.encode(line), as: UTF8.self)
    }
}
