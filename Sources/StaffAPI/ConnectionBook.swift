import NIOCore
import Sealing
import Synchronization

/// What connections may take.
struct ConnectionRules: Sendable {
    /// For a request that has begun to come whole, and for a reader to take the next part of an answer.
    var patience: TimeAmount = .seconds(Limits.patience)
    /// Connections on which no session was used yet.
    var strangers = Limits.strangers
    var ofMember = Limits.connectionsOfMember
}

/// The open connections. Nobody is refused because others hold many: one too many of those without a session, or of
/// one member, closes the oldest of them that waits for its peer.
final class ConnectionBook: Sendable {
    private struct State {
        var next = 0
        var open: [ObjectIdentifier: (order: Int, watch: ConnectionWatch)] = [:]
    }

    private let state = Mutex(State())
    private let rules: ConnectionRules

    init(_ rules: ConnectionRules) { self.rules = rules }

    func makeWatch() -> ConnectionWatch { ConnectionWatch(book: self, patience: rules.patience) }

    func watch(of channel: any Channel) -> ConnectionWatch? {
        state.withLock { $0.open[ObjectIdentifier(channel)]?.watch }
    }

    func add(_ watch: ConnectionWatch, on channel: any Channel) {
        state.withLock { state in
            state.next += 1
            state.open[ObjectIdentifier(channel)] = (state.next, watch)
        }
        closeOldest(of: nil, above: rules.strangers, except: watch)
    }

    func remove(_ channel: any Channel) {
        _ = state.withLock { $0.open.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// One more connection belongs to this member.
    func makeRoom(for member: MemberID) { closeOldest(of: member, above: rules.ofMember, except: nil) }

    private func closeOldest(of member: MemberID?, above limit: Int, except new: ConnectionWatch?) {
        let own = state.withLock { Array($0.open.values) }.filter { $0.watch.member == member }
        guard own.count > limit else { return }
        let held = own.filter { $0.watch !== new && $0.watch.isInTheWay }
        held.min { $0.order < $1.order }?.watch.close()
    }
}
