import StaffProtocol
import Synchronization

/// Who logged in while the bridge waits for its working key: there is no store yet to write it into. Each once, so
/// there are no more than members.
final class EarlyLogIns: Sendable {
    private struct State {
        var viewers: [Viewer] = []
        var isOver = false
    }

    private let state = Mutex(State())

    /// Whether it is kept for later.
    func keep(_ viewer: Viewer) -> Bool {
        state.withLock { state in
            if state.isOver { return false }
            if !state.viewers.contains(where: { $0.member == viewer.member }) { state.viewers.append(viewer) }
            return true
        }
    }

    /// Those who were kept, in their order. From now on nobody is.
    func end() -> [Viewer] {
        state.withLock { state in
            state.isOver = true
            defer { state.viewers = [] }
            return state.viewers
        }
    }
}
