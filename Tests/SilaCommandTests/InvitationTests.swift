import Foundation
import InvitationCard
import StaffProtocol
import Testing

@testable import sila

/// What `sila invite` makes of the bridge's answer.
@Suite struct InvitationTests {
    private static let digits = String(repeating: "0a", count: 32)
    private static let bridge = BridgeIdentity(address: "bridge@example.org", device: 7, fingerprint: digits)
    private static let contacts = CardContacts(
        telephone: "+442079460123", secondWay: "post@example.org", android: "Conversations", iPhone: "Monal")
    private static let byToken = Invitation(
        bridge: bridge, uri: "xmpp:bridge@example.org?roster;preauth=2fb1nd3KX8yQ;ibr=y",
        expiresAt: 1_796_644_800_000, contacts: contacts)
    private static let byAccount = Invitation(
        bridge: bridge, account: "kadebuneva@example.org", password: "abcdefghjkmnpqrs", contacts: contacts)

    private static func text(_ invitation: Invitation, columns: Int = 100) throws -> String {
        InvitationText(try InvitationCodes(invitation), Display(columns: columns)).lines().map(\.text)
            .joined(separator: "\n")
    }

    /// XEP-0445 §2.3, and the key as Conversations reads it.
    @Test func oneCodeMakesTheAccountAndLeadsToUs() throws {
        let codes = try InvitationCodes(Self.byToken)
        #expect(codes.first == "\(Self.byToken.uri);omemo-sid-7=\(Self.digits)")
        #expect(codes.second == nil && codes.secondCode == nil)
        let text = try Self.text(Self.byToken)
        for words in ["bridge@example.org", "+442079460123", "post@example.org", "Shown once", "one account, until"] {
            #expect(text.contains(words), "\(words)")
        }
    }

    /// The form that Conversations and Monal read at their log-in.
    @Test func anAccountHasACodeToLogInAndOneThatLeadsToUs() throws {
        let codes = try InvitationCodes(Self.byAccount)
        let login = try JSONDecoder().decode([String: String].self, from: Data(codes.first.utf8))
        #expect(
            login == ["protocol": "xmpp", "address": "kadebuneva@example.org", "password": "abcdefghjkmnpqrs"])
        #expect(codes.second == Fingerprint.address(Self.bridge))
        let text = try Self.text(Self.byAccount)
        for words in ["abcd  efgh  jkmn  pqrs", "kadebuneva@example.org", "does not run out"] {
            #expect(text.contains(words), "\(words)")
        }
    }

    @Test func theDayOnTheCardIsTheLastWholeOne() throws {
        let codes = try InvitationCodes(Self.byToken)
        // 2026-12-07 12:00 UTC: on the 7th it stops at noon.
        #expect(codes.lastDay(in: try #require(TimeZone(identifier: "UTC"))) == "06/12/2026")
        #expect(try InvitationCodes(Self.byAccount).lastDay() == nil)
    }

    @Test func anAnswerThatIsNoInvitationIsRefused() {
        var both = Self.byToken
        both.account = "kadebuneva@example.org"
        #expect(throws: CommandFailure.self) { try InvitationCodes(both) }
        #expect(throws: CommandFailure.self) {
            try InvitationCodes(Invitation(bridge: Self.bridge, contacts: Self.contacts))
        }
    }

    @Test func aNarrowWindowSaysSoInsteadOfACodeThatNobodyReads() throws {
        let text = try Self.text(Self.byToken, columns: 40)
        #expect(text.contains("too narrow") && !text.contains("█"))
    }

    @Test func filesAreTheOwnersAndNoneIsOverwritten() throws {
        let scratch = try Scratch()
        let (card, picture) = (scratch.path + "/card.pdf", scratch.path + "/code.png")
        let files = InvitationFiles(card: card, language: .darija, picture: picture)
        try files.check()
        #expect(try files.write(try InvitationCodes(Self.byToken)) == [card, picture])
        for path in [card, picture] {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        let failure = #expect(throws: CommandFailure.self) { try files.check() }
        #expect(failure?.code == .exists)
    }

    @Test(arguments: [
        ["--card", "a.pdf"], ["--card", "a.doc", "--language", "nl"], ["--language", "nl"],
        ["--card", "a.pdf", "--language", "tr"], ["--qr", "a.pdf"],
        ["--qr", "a.png", "--card", "a.png", "--language", "nl"],
    ])
    func wrongOptionsEndWith64(arguments: [String]) {
        #expect {
            try Sila.parseAsRoot(["invite"] + arguments)
        } throws: { Sila.exitCode(for: $0).rawValue == 64 }
    }
}
