import Foundation

/// `GET /v1/session`: whose session this is, in the role that the roster gives them now.
public struct SessionInfo: Codable, Sendable, Equatable {
    public var member: String
    public var role: String
    /// When it ends at the latest; without requests it ends sooner (`SessionToken.idleLifetime`).
    public var expiresAt: Milliseconds

    public init(member: String, role: String, expiresAt: Milliseconds) {
        self.member = member
        self.role = role
        self.expiresAt = expiresAt
    }
}
