import Foundation
import Testing

@testable import XMPP

@Suite struct ExtensionTests {
    private let account: JID

    init() throws { account = try JID("sila@example.org") }

    private func parse(_ text: String) throws -> Element { try Element(parsing: text.utf8) }

    @Test func onlyOurOwnArchivesIDIsBelieved() throws {
        let message = try parse(
            """
            <message xmlns='jabber:client'><stanza-id xmlns='urn:xmpp:sid:0' by='eve@example.org' id='forged'/>\
            <stanza-id xmlns='urn:xmpp:sid:0' by='SILA@example.org' id='real'/>\
            <origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>
            """)
        #expect(message.stanzaID(by: account) == "real")
        #expect(message.originID == "o1")
        #expect(message.stanzaID(by: try JID("other@example.org")) == nil)
    }

    @Test func onlyOurOwnServersDelayIsBelieved() throws {
        let message = try parse(
            """
            <message xmlns='jabber:client'><delay xmlns='urn:xmpp:delay' from='eve.example.net' stamp='2001-01-01T00:00:00Z'/>\
            <delay xmlns='urn:xmpp:delay' from='example.org' stamp='2026-03-01T12:00:00.500Z'/></message>
            """)
        #expect(message.delay(by: account) == Date(timeIntervalSince1970: 1_772_366_400.5))
    }

    @Test(arguments: ["2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000Z", "2026-03-01T12:00:00.000000Z"])
    func datesAreRead(_ text: String) {
        #expect(DateTime.date(text) == Date(timeIntervalSince1970: 1_772_366_400))
    }

    @Test(arguments: ["", "yesterday", "2026-13-01T12:00:00Z", "2026-03-01"])
    func otherTextIsNoDate(_ text: String) { #expect(DateTime.date(text) == nil) }

    @Test func aReceiptAnswersTheDeviceThatAsked() throws {
        let message = try parse(
            "<message xmlns='jabber:client' from='a@example.org/x' id='m1'><request xmlns='urn:xmpp:receipts'/></message>"
        )
        let receipt = try #require(Receipt.answer(to: message))
        #expect(receipt["to"] == "a@example.org/x")
        #expect(Receipt.confirmed(by: receipt) == "m1")
        #expect(Receipt.answer(to: receipt) == nil)
        var error = message
        error["type"] = "error"
        #expect(Receipt.answer(to: error) == nil)
    }

    @Test func aForgedCarbonIsNotOpened() throws {
        func carbon(from: String) throws -> Element {
            try parse(
                """
                <message xmlns='jabber:client' from='\(from)'><received xmlns='urn:xmpp:carbons:2'>\
                <forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' id='in'/></forwarded>\
                </received></message>
                """)
        }
        let forged = try carbon(from: "eve@example.org")
        #expect(Carbon.isCarbon(forged))
        #expect(Carbon.forwarded(in: forged, account: account) == nil)
        #expect(Carbon.forwarded(in: try carbon(from: "sila@example.org"), account: account)?["id"] == "in")
        #expect(Carbon.forwarded(in: try carbon(from: "sila@example.org/x"), account: account) == nil)
    }

    /// The example of XEP-0115 §5.2.
    @Test func theCapabilitiesHashMatchesThePublishedExample() {
        var identity = EntityIdentity()
        identity.type = "pc"
        identity.name = "Exodus 0.9.1"
        identity.features = [
            "http://jabber.org/protocol/muc", "http://jabber.org/protocol/caps",
            "http://jabber.org/protocol/disco#items", "http://jabber.org/protocol/disco#info",
        ]
        #expect(identity.verification == "QgayPKawpkPSDYmwT/WM94uAlu0=")
    }

    /// One that could not be read must be seen to be there.
    @Test func anArchivedMessageThatWasCutAwayIsReported() throws {
        let result = try parse(
            """
            <result xmlns='urn:xmpp:mam:2' id='r1'><forwarded xmlns='urn:xmpp:forward:0'>\
            <delay xmlns='urn:xmpp:delay' stamp='2026-03-01T12:00:00Z'/></forwarded></result>
            """)
        let archived = ArchivedMessage(id: "r1", result: result, refusal: .tooManyAttributes)
        #expect(archived.sentAt == Date(timeIntervalSince1970: 1_772_366_400))
        #expect(archived.message.refusal == .tooManyAttributes)
        #expect(archived.message.name == "message")
        #expect(archived.message["from"] == nil)
        #expect(ArchivedMessage(id: "r1", result: result, refusal: nil).message.refusal == .incomplete)
    }

    @Test func personalEventsAreRead() throws {
        let item = try parse(
            """
            <message xmlns='jabber:client'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'>\
            <item id='current'><list xmlns='urn:l'/></item></items></event></message>
            """)
        #expect(PersonalEvent(item)?.node == "n")
        #expect(PersonalEvent(item)?.item?.payload.namespace == "urn:l")
        let deleted = try parse(
            """
            <message xmlns='jabber:client'><event xmlns='http://jabber.org/protocol/pubsub#event'><delete node='n'/>\
            </event></message>
            """)
        #expect(PersonalEvent(deleted)?.node == "n")
        #expect(PersonalEvent(deleted)?.item == nil)
        #expect(PersonalEvent(chat(to: "a@example.org", "x")) == nil)
    }
}
