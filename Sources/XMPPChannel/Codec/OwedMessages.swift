import Foundation
import Synchronization

/// Devices to which a message without content is owed: they have written much without an answer, have just built a
/// session, or must be given a new one.
///
/// In memory only: what a rollback or a restart makes untrue is found out before anything is sent, and a device that
/// still waits says so with its next message.
final class OwedMessages: Sendable {
    struct Device: Hashable, Sendable {
        /// Bare JID.
        let jid: String
        let id: UInt32
    }

    /// What is owed; the later one includes the earlier.
    enum Need: Int, Comparable, Sendable {
        /// Anything in the session there is: a heartbeat, or the end of a session's beginning.
        case answer
        /// Anything, in a new session if there is none.
        case session
        /// A new session, whatever there is.
        case newSession

        static func < (one: Need, other: Need) -> Bool { one.rawValue < other.rawValue }
    }

    struct Owed: Sendable {
        let device: Device
        let need: Need
    }

    /// Devices that are remembered at most; more are served by replies, or when they write again.
    private static let most = 1_000
    /// A new session goes to one device so often at most, in seconds: whoever sends rubbish in its name keeps us
    /// fetching no bundles.
    private static let renewalPause: TimeInterval = 60

    private struct State: Sendable {
        var owed: [Device: Need] = [:]
        var renewed: [Device: Date] = [:]
    }

    private let state = Mutex(State())
    private let clock: @Sendable () -> Date

    init(clock: @escaping @Sendable () -> Date = { Date() }) { self.clock = clock }

    func note(_ id: UInt32, of jid: String, _ need: Need = .answer) {
        let device = Device(jid: jid, id: id)
        let now = clock()
        state.withLock { state in
            if need > .answer {
                state.renewed = state.renewed.filter { now.timeIntervalSince($0.value) < Self.renewalPause }
                if state.renewed[device] != nil || state.renewed.count >= Self.most { return }
                state.renewed[device] = now
            }
            if state.owed.count >= Self.most, state.owed[device] == nil { return }
            state.owed[device] = max(need, state.owed[device] ?? .answer)
        }
    }

    /// What is owed, and nothing is any more.
    func take() -> [Owed] {
        state.withLock { state in
            defer { state.owed = [:] }
            return state.owed.map { Owed(device: $0.key, need: $0.value) }
        }
    }

    /// The connection was lost before they left.
    func putBack(_ owed: [Owed]) {
        state.withLock { state in
            for one in owed { state.owed[one.device] = max(one.need, state.owed[one.device] ?? .answer) }
        }
    }
}
