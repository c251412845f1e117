import NIOCore
import StaffProtocol
import Synchronization

/// All open streams: counted for each member, and ended together when the daemon ends.
final class StreamRegistry: Sendable {
    private struct State {
        var isEnding = false
        var next = 0
        var open: [Int: (member: String, end: @Sendable () -> Void)] = [:]
    }

    private let state = Mutex(State())

    /// Whether the daemon is ending: no stream and no request begins any more.
    var isEnding: Bool { state.withLock { $0.isEnding } }

    /// - Parameter end: told once when the daemon ends.
    /// - Returns: what `remove` is given. Throws `tooMany` or `unavailable`.
    func add(member: String, end: @escaping @Sendable () -> Void) throws(APIError) -> Int {
        try state.withLock { state throws(APIError) in
            try Self.check(state, member)
            state.next += 1
            state.open[state.next] = (member, end)
            return state.next
        }
    }

    /// Throws what `add` would throw now: so that it is told before the answer begins.
    func checkRoom(for member: String) throws(APIError) {
        try state.withLock { state throws(APIError) in try Self.check(state, member) }
    }

    private static func check(_ state: State, _ member: String) throws(APIError) {
        guard !state.isEnding else { throw APIError.ending }
        guard state.open.values.count(where: { $0.member == member }) < Limits.streamsOfMember else {
            throw APIError(.tooMany, "this member has \(Limits.streamsOfMember) streams open already")
        }
    }

    func remove(_ id: Int) { state.withLock { $0.open[id] = nil } }

    func endAll() {
        let ends = state.withLock { state in
            state.isEnding = true
            return state.open.values.map(\.end)
        }
        for end in ends { end() }
    }
}

/// What a stream waits for, and a watch over the one who reads it.
///
/// Everything that happens is folded into a few flags: a stream holds no queue that a slow reader or a
/// busy day could make grow.
final class StreamGuard: Sendable {
    enum Wake: Sendable, Equatable { case news, beat, end }

    private struct State {
        var hasNews = false
        var hasBeat = false
        var isOver = false
        /// Beats since the present write began; `nil` while none is under way.
        var writing: Int?
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// The next thing to do; the end before all else, then news, then a beat.
    func wait() async -> Wake {
        while true {
            if let wake = take() { return wake }
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.hasNews || state.hasBeat || state.isOver { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        }
    }

    private func take() -> Wake? {
        state.withLock { state in
            if state.isOver { return .end }
            if state.hasNews {
                state.hasNews = false
                return .news
            }
            if state.hasBeat {
                state.hasBeat = false
                return .beat
            }
            return nil
        }
    }

    var isOver: Bool { state.withLock { $0.isOver } }
    func news() { change { $0.hasNews = true } }
    func end() { change { $0.isOver = true } }

    /// - Returns: whether a write has been under way for more than one whole beat: nobody reads.
    func beat() -> Bool {
        var isStalled = false
        change { state in
            state.hasBeat = true
            if let beats = state.writing {
                state.writing = beats + 1
                isStalled = beats + 1 > 1
            }
        }
        return isStalled
    }

    /// Marks a write, so that one that does not end is noticed.
    func writing(_ isWriting: Bool) { state.withLock { $0.writing = isWriting ? 0 : nil } }

    private func change(_ body: (inout State) -> Void) {
        let waiter = state.withLock { state in
            body(&state)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}

extension APIError {
    static let ending = APIError(.unavailable, "the bridge is ending: try again when it has started anew")
}
