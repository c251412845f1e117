import Crypto
import Foundation
import Sealing
import StaffProtocol
import Synchronization

/// Log-in, and who a request comes from.
final class Gatekeeper: Sendable {
    private let directory: any StaffDirectory
    private let clock: any StaffClock
    private let challenges = Mutex(ChallengeBook())
    private let sessions = Mutex(SessionBook())

    init(directory: any StaffDirectory, clock: any StaffClock) {
        self.directory = directory
        self.clock = clock
    }

    /// A session that was found good just now.
    struct Admitted: Sendable {
        let viewer: Viewer
        let session: SessionBook.ID
        let info: SessionInfo
    }

    /// Throws `notFound` for a name that is not in the roster (which is public here).
    func challenge(_ request: ChallengeRequest) async throws -> Challenge {
        let roster = await directory.roster().verified
        guard let member = MemberID(rawValue: request.member), roster.members[member] != nil else {
            throw APIError(.notFound, "the roster has no member of this name")
        }
        let bytes = challenges.withLock { $0.add(for: member, at: clock.elapsed) }
        return Challenge(challenge: Data(bytes), expiresAt: clock.now + Challenge.lifetime * 1000)
    }

    /// Throws `unauthenticated`. The challenge is used in any case.
    func logIn(_ request: LoginRequest) async throws -> (token: SessionToken, viewer: Viewer) {
        let roster = await directory.roster().verified
        let challenge = Array(request.challenge)
        guard let id = MemberID(rawValue: request.member),
            challenges.withLock({ $0.take(challenge, of: id, at: clock.elapsed) })
        else {
            throw APIError(.unauthenticated, "this challenge was used, has expired, or is not this member's")
        }
        let signed = LoginTranscript.bytes(deployment: roster.deployment, member: id, challenge: challenge)
        guard let member = roster.members[id],
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: member.signingKey),
            key.isValidSignature(request.signature, for: signed)
        else {
            throw APIError(.unauthenticated, "the signature is not of the key that the roster has for this member")
        }
        let (token, session) = sessions.withLock { $0.begin(member, at: clock.elapsed) }
        return (
            SessionToken(token: token, expiresAt: expiry(of: session), role: member.role.rawValue),
            Viewer(member: id, role: member.role)
        )
    }

    /// - Parameter header: the value of `Authorization`.
    /// - Throws: `unauthenticated`.
    func admit(_ header: String?) async throws -> Admitted {
        let parts = header?.split(separator: " ", omittingEmptySubsequences: true) ?? []
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw APIError(.unauthenticated, "log in first: POST /v1/session, then Authorization: Bearer …")
        }
        return try await admit(SessionBook.id(String(parts[1])))
    }

    /// Uses the session once more. Throws `unauthenticated`.
    func admit(_ id: SessionBook.ID) async throws -> Admitted {
        let roster = await directory.roster().verified
        let session = try sessions.withLock { book throws(APIError) in
            try book.use(id, roster: roster, at: clock.elapsed)
        }
        let info = SessionInfo(
            member: session.member.rawValue, role: session.role.rawValue, expiresAt: expiry(of: session))
        return Admitted(viewer: Viewer(member: session.member, role: session.role), session: id, info: info)
    }

    func end(_ id: SessionBook.ID) { sessions.withLock { $0.end(id) } }

    private func expiry(of session: SessionBook.Session) -> Milliseconds {
        let left = session.began + .seconds(SessionToken.lifetime) - clock.elapsed
        return clock.now + max(0, left.components.seconds * 1000)
    }
}
