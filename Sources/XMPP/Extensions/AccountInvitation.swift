import Foundation

/// How an account comes into being for somebody else: an invitation with which their own app makes it (XEP-0401,
/// XEP-0445), or an account made by us (XEP-0077).
public enum AccountInvitation {
    /// The ad-hoc command (XEP-0401 §3). Its invitation makes an account, and the two of us each other's contacts.
    static let command = "urn:xmpp:invite#invite"
    static let commands = "http://jabber.org/protocol/commands"
    static let registration = "jabber:iq:register"

    /// An invitation as the server made it.
    public struct Made: Hashable, Sendable {
        /// `xmpp:inviter@example.org?roster;preauth=TOKEN;ibr=y`. Whoever has it can make the account.
        public let uri: String
        /// Until when the server takes it; `nil` when it does not say.
        public let expiresAt: Date?
        /// Whether the server lets it make an account (XEP-0445 §2.3): without, it makes contacts only.
        public let makesAccount: Bool
    }

    /// Whether an answer to `disco#items` lists the command (XEP-0050 §2.2).
    static func isListed(_ answer: Element) -> Bool {
        (answer.first("query", HTTPUpload.discoItems)?.children ?? []).contains {
            $0.name == "item" && $0["node"] == command
        }
    }

    /// Whether an answer to `disco#info` is of a server that makes accounts in band (XEP-0077 §5).
    static func makesAccounts(_ answer: Element) -> Bool {
        (answer.first("query", Namespace.discoInfo)?.children ?? []).contains {
            $0.name == "feature" && $0["var"] == registration
        }
    }

    /// XEP-0401 §5.1.
    static func request() -> Element {
        Element("command", commands, attributes: [("node", command), ("action", "execute")])
    }

    /// - Parameter inviter: the bare address that must stand in the invitation.
    /// - Returns: `nil` for what is no invitation of ours.
    static func made(_ answer: Element, by inviter: String) -> Made? {
        guard let done = answer.first("command", commands), done["status"] == "completed",
            let form = done.first("x", Namespace.dataForms)
        else { return nil }
        func field(_ name: String) -> String? {
            form.children.first { $0.name == "field" && $0["var"] == name }?.first("value", Namespace.dataForms)?.text
        }
        guard let uri = field("uri"), uri.utf8.count <= 1024, uri.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
            uri.hasPrefix("xmpp:\(inviter)?")
        else { return nil }
        // XEP-0147 §2: the parts of a query are parted by semicolons.
        let parts = uri.dropFirst("xmpp:\(inviter)?".count).split(separator: ";")
        guard parts.first == "roster", parts.contains(where: { $0.hasPrefix("preauth=") && $0.count > 8 }) else {
            return nil
        }
        return Made(
            uri: uri, expiresAt: field("expire").flatMap(DateTime.date), makesAccount: parts.contains("ibr=y"))
    }

    /// XEP-0077 §3.1, by somebody who is logged in. The name must not be our own: that would change our password (§3.3).
    static func registration(name: String, password: String) -> Element {
        Element(
            "query", registration,
            children: [
                Element("username", registration, text: name), Element("password", registration, text: password),
            ])
    }
}

extension XMPPClient {
    /// Whether our server offers us invitations.
    public func offersInvitations() async throws -> Bool {
        var question = Element("query", HTTPUpload.discoItems)
        question["node"] = AccountInvitation.commands
        do {
            return AccountInvitation.isListed(try await iq("get", to: try server(), question))
        } catch is StanzaError {
            // A server without commands (XEP-0050 §2.2).
            return false
        }
    }

    /// Whether our server says that accounts can be made in band.
    public func makesAccounts() async throws -> Bool {
        do {
            return AccountInvitation.makesAccounts(
                try await iq("get", to: try server(), Element("query", Namespace.discoInfo)))
        } catch is StanzaError {
            return false
        }
    }

    /// Throws `StanzaError` when it is refused; `nil` when the answer is no invitation.
    public func makeInvitation() async throws -> AccountInvitation.Made? {
        AccountInvitation.made(
            try await iq("set", to: try server(), AccountInvitation.request()), by: configuration.account.bare.text)
    }

    /// Makes an account on our server. Throws `StanzaError` when it is refused: `conflict` for a name that is taken.
    public func makeAccount(name: String, password: String) async throws {
        guard name != configuration.account.local else {
            throw StanzaError(condition: "conflict", type: "cancel")
        }
        _ = try await iq("set", to: try server(), AccountInvitation.registration(name: name, password: password))
    }

    private func server() throws -> JID { try JID(configuration.account.domain) }
}
