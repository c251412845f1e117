import Crypto
import Foundation
import Sealing
import StaffProtocol

/// The sessions of members who logged in: in memory only, the tokens as hashes.
///
/// A session ends after `SessionToken.idleLifetime` without a request (an open event stream counts as
/// one), after `SessionToken.lifetime` in any case, and as soon as the roster no longer has the member
/// in the same role with the same key.
struct SessionBook: Sendable {
    /// SHA-256 of a token.
    typealias ID = [UInt8]

    struct Session: Sendable {
        let member: MemberID
        let role: Role
        let signingKey: [UInt8]
        let began: Duration
        var used: Duration

        /// When it ends without another request.
        var end: Duration {
            min(began + .seconds(SessionToken.lifetime), used + .seconds(SessionToken.idleLifetime))
        }
    }

    private var sessions: [ID: Session] = [:]
    private let perMember: Int
    private let capacity: Int

    init(perMember: Int = Limits.sessionsOfMember, capacity: Int = Limits.sessions) {
        self.perMember = perMember
        self.capacity = capacity
    }

    var count: Int { sessions.count }

    /// A new session. When there are too many, the one that was unused for longest ends: of this member
    /// first, else of all.
    mutating func begin(_ member: RosterMember, at now: Duration) -> (token: String, session: Session) {
        sessions = sessions.filter { now < $0.value.end }
        let own = sessions.filter { $0.value.member == member.id }
        if own.count >= perMember { endOldest(of: own) }
        if sessions.count >= capacity { endOldest(of: sessions) }
        let token = Self.text(Randomness.system.bytes(32))
        let session = Session(
            member: member.id, role: member.role, signingKey: member.signingKey, began: now, used: now)
        sessions[Self.id(token)] = session
        return (token, session)
    }

    /// Uses a session. Throws `unauthenticated`, and ends it, when it is no longer good.
    mutating func use(_ id: ID, roster: VerifiedRoster, at now: Duration) throws(APIError) -> Session {
        guard var session = sessions[id], now < session.end else {
            sessions[id] = nil
            throw APIError(.unauthenticated, "there is no such session, or it has ended: log in again")
        }
        guard let member = roster.members[session.member], member.signingKey == session.signingKey else {
            sessions[id] = nil
            throw APIError(.unauthenticated, "the roster no longer has this member with these keys")
        }
        guard member.role == session.role else {
            sessions[id] = nil
            throw APIError(.unauthenticated, "this member's role has changed: log in again")
        }
        session.used = now
        sessions[id] = session
        return session
    }

    mutating func end(_ id: ID) { sessions[id] = nil }

    private mutating func endOldest(of some: [ID: Session]) {
        if let oldest = some.min(by: { $0.value.used < $1.value.used }) { sessions[oldest.key] = nil }
    }

    static func id(_ token: String) -> ID { Array(SHA256.hash(data: Array(token.utf8))) }

    /// base64url without padding (RFC 4648 §5).
    private static func text(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }
}
