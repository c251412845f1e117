import Sealing
import StaffProtocol

/// The challenges that wait for an answer. Each is good for one log-in of one member, within a minute.
///
/// Nobody is refused one: whoever may connect could keep staff out otherwise. When a member has too many, the oldest
/// is thrown out; a log-in takes milliseconds.
struct ChallengeBook: Sendable {
    private struct Open {
        let challenge: [UInt8]
        let until: Duration
    }

    /// Of each member, oldest first.
    private var open: [MemberID: [Open]] = [:]
    private let limit: Int

    /// - Parameter limit: challenges of one member.
    init(limit: Int = Limits.challengesOfMember) { self.limit = limit }

    /// A new challenge. The caller knows that the member is in the roster: names of others would fill the book.
    mutating func add(for member: MemberID, at now: Duration) -> [UInt8] {
        let challenge = Randomness.system.bytes(32)
        var own = open[member, default: []]
        own.removeFirst(own.firstIndex { now < $0.until } ?? own.count)
        own.removeFirst(max(0, own.count - limit + 1))
        own.append(Open(challenge: challenge, until: now + .seconds(Challenge.lifetime)))
        open[member] = own
        return challenge
    }

    /// Takes a challenge out of the book: whatever comes of it, it is used now.
    /// False when it was never given to this member, was used, was thrown out, or has expired.
    mutating func take(_ challenge: [UInt8], of member: MemberID, at now: Duration) -> Bool {
        guard let index = open[member]?.firstIndex(where: { $0.challenge == challenge }),
            let taken = open[member]?.remove(at: index)
        else { return false }
        return now < taken.until
    }
}
