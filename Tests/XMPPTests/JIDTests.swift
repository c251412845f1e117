import Testing
import XMPP

@Suite struct JIDTests {
    @Test func partsAreTakenApart() throws {
        let jid = try JID("Anna@Example.ORG/Phone/1 @x")
        #expect(jid.local == "anna")
        #expect(jid.domain == "example.org")
        #expect(jid.resource == "Phone/1 @x")
        #expect(jid.text == "anna@example.org/Phone/1 @x")
        #expect(jid.bare.text == "anna@example.org")
        #expect(try JID("example.org").local == nil)
        #expect(try JID("ليلى@example.org").local == "ليلى")
    }

    @Test(arguments: [
        "", "@example.org", "a@", "a@/x", "a b@example.org", "a@b@c", "a@example.org/", "a<b@example.org", "/x",
        "a\u{0}@example.org", "a@exa mple.org", "a@example.org/\u{7}",
    ])
    func malformedIsRefused(_ text: String) {
        #expect(throws: JID.Failure.self) { try JID(text) }
    }

    /// `Character` joins a separator and a mark behind it into one: RFC 7622 §3.1 knows code points.
    @Test func aCombiningMarkHidesNoSeparator() throws {
        let jid = try JID("anna@example.org/\u{301}phone")
        #expect(jid.domain == "example.org")
        #expect(jid.resource == "\u{301}phone")
        #expect(jid.bare == (try JID("anna@example.org")))
        let local = try JID("ann\u{301}a@example.org")
        #expect(local.domain == "example.org")
        #expect(throws: JID.Failure.badDomain) { try JID("anna@\u{301}example.org") }
        #expect(throws: JID.Failure.badDomain) { try JID(local: "anna", domain: "example.org/\u{301}x") }
        #expect(throws: JID.Failure.badDomain) { try JID(local: "anna", domain: "eve@\u{301}example.org") }
        #expect(throws: JID.Failure.badLocal) { try JID(local: "eve@\u{301}example.org", domain: "example.org") }
    }

    @Test func longPartsAreRefused() {
        let long = String(repeating: "a", count: 1024)
        #expect(throws: JID.Failure.tooLong) { try JID("\(long)@example.org") }
        #expect(throws: JID.Failure.tooLong) { try JID("a@example.org/\(long)") }
        #expect(throws: Never.self) { try JID("\(long.dropLast())@example.org") }
    }

    @Test func printingShowsNothing() throws {
        let jid = try JID("anna@example.org/phone")
        #expect(!"\(jid)".contains("anna"))
        #expect(!String(reflecting: jid).contains("anna"))
    }
}
