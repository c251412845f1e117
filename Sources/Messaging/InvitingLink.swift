import struct Foundation.Date

/// What a person needs to come to the channel's server. A secret: it is not logged, and not kept.
public enum NewInvitation: Sendable, Equatable, CustomStringConvertible {
    /// With this URI their own app makes the account.
    case token(uri: String, expiresAt: Date?)
    /// The account is there; whoever has the password has it.
    case account(address: String, password: String)

    public var description: String { "an invitation" }
}

/// Why a server made no invitation.
public enum InvitationRefusal: Error, Sendable, Hashable {
    /// There is no connection now.
    case offline
    /// The server knows neither way.
    case notOffered
    /// The server makes invitations and accounts, but not for us.
    case notAllowed
    /// The server's invitations make no account, only contacts.
    case contactsOnly
    /// Too many in a short time.
    case tooMany
    /// What the server said, by its fixed word.
    case refused(String)
    /// The server did not answer in time: it may have been made.
    case noAnswer
}

/// A channel whose server can take new people in.
public protocol InvitingLink: ChannelLink {
    /// Throws `InvitationRefusal`.
    func invite() async throws -> NewInvitation
}
