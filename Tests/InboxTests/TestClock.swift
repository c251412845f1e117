import Foundation
import Synchronization

/// A clock that stands until it is moved.
final class TestClock: Sendable {
    private let time = Mutex(TestDeployment.date)

    var now: Date { time.withLock { $0 } }
    func add(_ seconds: Double) { time.withLock { $0 += seconds } }
}
