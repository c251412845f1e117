import Foundation
import Sealing
import StaffProtocol

/// The challenges that wait for an answer. Each is good for one log-in of one member, within a minute.
struct ChallengeBook: Sendable {
    private struct Open {
        let member: MemberID
        let until: Duration
    }

    private var open: [[UInt8]: Open] = [:]
    /// When each member was given challenges, within the last minute.
    private var given: [MemberID: [Duration]] = [:]
    private let perMinute: Int
    private let capacity: Int

    init(perMinute: Int = Limits.challengesAMinute, capacity: Int = Limits.openChallenges) {
        self.perMinute = perMinute
        self.capacity = capacity
    }

    /// A new challenge. The caller knows that the member is in the roster: names of others would fill
    /// the book. Throws `tooMany`.
    mutating func add(for member: MemberID, at now: Duration) throws(APIError) -> [UInt8] {
        forget(at: now)
        guard given[member, default: []].count < perMinute, open.count < capacity else {
            throw APIError(.tooMany, "too many log-ins were begun: try again in a minute")
        }
        let challenge = Randomness.system.bytes(32)
        open[challenge] = Open(member: member, until: now + .seconds(Challenge.lifetime))
        given[member, default: []].append(now)
        return challenge
    }

    /// Takes a challenge out of the book: whatever comes of it, it is used now.
    /// False when it was never given, was used, has expired, or was given to another member.
    mutating func take(_ challenge: [UInt8], of member: MemberID, at now: Duration) -> Bool {
        guard let open = open.removeValue(forKey: challenge) else { return false }
        return open.member == member && now < open.until
    }

    private mutating func forget(at now: Duration) {
        open = open.filter { now < $0.value.until }
        for (member, times) in given {
            let recent = times.filter { now - $0 < .seconds(60) }
            given[member] = recent.isEmpty ? nil : recent
        }
    }
}
