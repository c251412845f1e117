import Foundation

/// The answer to `POST /v1/invitations`: what stands on a person's card. It is a secret; the bridge does not keep it,
/// so the same request again makes another one.
public struct Invitation: Codable, Sendable, Equatable, CustomStringConvertible {
    /// The bridge's own address and key, which the person's app compares.
    public var bridge: BridgeIdentity
    /// What the person's app makes an account with: `xmpp:…?roster;preauth=…;ibr=y`. Empty when the account is there.
    public var uri: String
    /// The account that was made, a bare JID; empty with `uri`.
    public var account: String
    /// Its password; empty with `uri`.
    public var password: String
    /// Until when the server takes `uri`; 0 when it does not say, and for an account.
    public var expiresAt: Milliseconds
    public var contacts: CardContacts

    public init(
        bridge: BridgeIdentity, uri: String = "", account: String = "", password: String = "",
        expiresAt: Milliseconds = 0, contacts: CardContacts
    ) {
        self.bridge = bridge
        self.uri = uri
        self.account = account
        self.password = password
        self.expiresAt = expiresAt
        self.contacts = contacts
    }

    public var description: String { "an invitation" }
}

/// What stands on every card of a deployment: `invitation` in the bridge's configuration.
public struct CardContacts: Codable, Sendable, Equatable {
    /// An ordinary telephone number, E.164: `+442079460123`.
    public var telephone: String
    /// Another way than this channel: an e-mail address, a page, a name at another messenger.
    public var secondWay: String
    /// Apps, as people find them in their phone's shop.
    public var android: String
    public var iPhone: String

    public init(telephone: String, secondWay: String, android: String, iPhone: String) {
        self.telephone = telephone
        self.secondWay = secondWay
        self.android = android
        self.iPhone = iPhone
    }
}
