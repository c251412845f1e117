import Foundation
import Messaging
import Testing
import XMPP

@testable import XMPPChannel

/// How the link comes to an invitation, and how it says that there is none.
@Suite(.timeLimit(.minutes(2))) struct InvitationTests {
    /// Gives the same numbers each time.
    private struct Counting: RandomNumberGenerator {
        var state: UInt64 = 7
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state
        }
    }

    @Test func namesAndPasswordsAreTypedOnAPhone() {
        var generator = Counting()
        var names: Set<String> = []
        var passwords: Set<String> = []
        for _ in 0..<1_000 {
            let drawn = AccountWords(using: &generator)
            #expect(drawn.name.count == 10 && drawn.password.count == 16)
            // The rule of ejabberd's example for accounts that the bridge makes.
            #expect((drawn.name + drawn.password).utf8.allSatisfy { (0x61...0x7a).contains($0) })
            #expect(!drawn.password.contains { "ilo".contains($0) })
            names.insert(drawn.name)
            passwords.insert(drawn.password)
        }
        #expect(names.count > 990 && passwords.count == 1_000)
        #expect(Set(passwords.joined()).count == 23, "every letter comes up")
    }

    @Test(arguments: [
        ("forbidden", InvitationRefusal.notAllowed), ("not-allowed", .notAllowed), ("resource-constraint", .tooMany),
        ("service-unavailable", .notOffered), ("bad-request", .notOffered),
        ("not-acceptable", .refused("not-acceptable")),
    ])
    func whatAServerSaysIsARefusal(condition: String, refusal: InvitationRefusal) {
        #expect(XMPPLink.refusal(StanzaError(condition: condition, type: "cancel")) == refusal)
    }

    @Test func aServerWithoutInvitationsIsNamed() async throws {
        try await Prosody.run { server in
            try await server.register("helpline")
            var bridge = try await RunningLink(try server.configuration("helpline"))
            try await bridge.online()
            let link = bridge.link
            await #expect(throws: InvitationRefusal.notOffered) { try await link.invite() }
            await bridge.stop()
            await #expect(throws: InvitationRefusal.offline) { try await link.invite() }
        }
    }

    @Test func aMissingRoleIsNamed() async throws {
        var settings = Prosody.Settings()
        settings.modules += ["register", "invites", "invites_adhoc", "invites_register"]
        try await Prosody.run(settings) { server in
            try await server.register("helpline")
            var bridge = try await RunningLink(try server.configuration("helpline"))
            try await bridge.online()
            let link = bridge.link
            await #expect(throws: InvitationRefusal.contactsOnly) { try await link.invite() }
            await bridge.stop()
        }
    }
}
