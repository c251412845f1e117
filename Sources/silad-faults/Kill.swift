import Bridge
import Foundation
import Synchronization

/// Ends this process as a power cut would, at the n-th time a point is reached.
final class Killer: Sendable {
    private let point: FaultPoint?
    private let remaining: Mutex<Int>

    /// - Parameter spec: `point` or `point:n`, n counted from 1; `nil` never kills.
    init(_ spec: String?) throws {
        guard let spec else {
            point = nil
            remaining = Mutex(0)
            return
        }
        let parts = spec.split(separator: ":", maxSplits: 1)
        guard let name = parts.first, let point = FaultPoint(rawValue: String(name)) else {
            throw FaultError("unknown point in --kill-at \(spec): see `silad-faults points`")
        }
        let count = parts.count == 2 ? Int(parts[1]) : 1
        guard let count, count > 0 else { throw FaultError("the number in --kill-at \(spec) must be 1 or more") }
        self.point = point
        remaining = Mutex(count)
    }

    func reached(_ point: FaultPoint) {
        guard point == self.point else { return }
        let isDue = remaining.withLock { count in
            count -= 1
            return count == 0
        }
        if isDue { kill(getpid(), SIGKILL) }
    }
}

struct FaultError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
