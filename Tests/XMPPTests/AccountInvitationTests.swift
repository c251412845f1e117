import Foundation
import Testing

@testable import XMPP

/// What a server says of invitations, and what is taken from it.
@Suite(.timeLimit(.minutes(2))) struct AccountInvitationTests {
    private static let inviter = "bridge@example.org"
    private static let uri = "xmpp:bridge@example.org?roster;preauth=2fb1nd3KX8yQ;ibr=y"

    private func answer(_ fields: [(String, String)], status: String = "completed") -> Element {
        let fields = fields.map { name, value in
            Element(
                "field", Namespace.dataForms, attributes: [("var", name)],
                children: [Element("value", Namespace.dataForms, text: value)])
        }
        let form = Element("x", Namespace.dataForms, attributes: [("type", "result")], children: fields)
        return Element(
            "iq", Namespace.client,
            children: [
                Element(
                    "command", AccountInvitation.commands,
                    attributes: [("node", AccountInvitation.command), ("status", status)], children: [form])
            ])
    }

    @Test func anInvitationIsRead() throws {
        let made = try #require(
            AccountInvitation.made(
                answer([("uri", Self.uri), ("landing-url", ""), ("expire", "2026-12-07T12:00:00Z")]), by: Self.inviter))
        #expect(made.uri == Self.uri && made.makesAccount)
        #expect(made.expiresAt == DateTime.date("2026-12-07T12:00:00Z"))
        let bare = try #require(
            AccountInvitation.made(
                answer([("uri", "xmpp:bridge@example.org?roster;preauth=2fb1nd3KX8yQ")]), by: Self.inviter))
        #expect(!bare.makesAccount && bare.expiresAt == nil)
    }

    /// A card with somebody else's address on it would lead people astray.
    @Test(arguments: [
        "xmpp:other@example.org?roster;preauth=2fb1nd3KX8yQ;ibr=y",
        "xmpp:bridge@example.org.evil.example?roster;preauth=2fb1nd3KX8yQ;ibr=y",
        "xmpp:bridge@example.org?message;preauth=2fb1nd3KX8yQ", "xmpp:bridge@example.org?roster;preauth=",
        "xmpp:bridge@example.org?roster", "https://example.org/", "", "xmpp:bridge@example.org?roster;preauth=a b",
        "xmpp:bridge@example.org?roster;preauth=" + String(repeating: "x", count: 2_000),
    ])
    func whatIsNoInvitationOfOursIsNone(uri: String) {
        #expect(AccountInvitation.made(answer([("uri", uri)]), by: Self.inviter) == nil)
    }

    @Test func aFormToBeFilledInIsNone() {
        #expect(AccountInvitation.made(answer([("uri", Self.uri)], status: "executing"), by: Self.inviter) == nil)
        #expect(AccountInvitation.made(answer([]), by: Self.inviter) == nil)
        #expect(AccountInvitation.made(Element("iq", Namespace.client), by: Self.inviter) == nil)
    }

    @Test func aServerWithoutThemOffersNone() async throws {
        try await Prosody.run { server in
            try await server.register("anna")
            var anna = Running(try server.configuration("anna"))
            try await anna.online()
            #expect(try await anna.client.offersInvitations() == false)
            #expect(try await anna.client.makesAccounts() == false)
            await anna.stop()
        }
    }

    /// Whoever lacks the role gets one that makes contacts, not accounts.
    @Test func withoutTheRoleItMakesNoAccount() async throws {
        var settings = Prosody.Settings()
        settings.modules += ["register", "invites", "invites_adhoc", "invites_register"]
        try await Prosody.run(settings) { server in
            try await server.register("anna")
            var anna = Running(try server.configuration("anna"))
            try await anna.online()
            #expect(try await anna.client.offersInvitations())
            let made = try #require(try await anna.client.makeInvitation())
            #expect(!made.makesAccount && made.uri.hasPrefix("xmpp:anna@example.org?roster;preauth="))
            await anna.stop()
        }
    }

    /// Our own name would change our own password (XEP-0077 §3.3).
    @Test func ourOwnAccountIsNeverMadeAgain() async throws {
        try await Prosody.run { server in
            try await server.register("anna")
            var anna = Running(try server.configuration("anna"))
            try await anna.online()
            await #expect(throws: StanzaError(condition: "conflict", type: "cancel")) {
                try await anna.client.makeAccount(name: "anna", password: "another")
            }
            await anna.stop()
        }
    }
}
