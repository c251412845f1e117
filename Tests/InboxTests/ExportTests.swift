import Foundation
import Sealing
import StaffProtocol
import Testing
import UnixHTTPServer

@testable import Inbox

@Suite struct ExportTests {
    private func desk() async throws -> Desk {
        let desk = try await Desk()
        var sealed = try SealedConversation(desk.deployment.verified)
        try sealed.add("<script>alert(1)</script> \u{1b}[31m# سلام *x*\nsecond line <\u{338}b>")
        try sealed.add("Ja.", author: .staff, member: "noor")
        try sealed.add("lost")
        sealed.items[2].sealed[30] ^= 1
        let note = EntryRecord.note("about this person", by: desk.deployment.coordinator.id, at: TestDeployment.date)
        sealed.items.append(
            SealedItem(
                kind: .note, id: 1, position: 99, conversation: 12, segment: sealed.segments[0].token,
                token: Data(count: 16), storedAt: 5,
                sealed: Data(
                    try sealed.key.seal(
                        note.encoded(), kind: note.kind.recordKind,
                        record: .token([UInt8](repeating: 0, count: 16))))))
        let records = ContactRecords(
            contact: 7, createdAt: 1_000, conversations: [sealed.row], addresses: ["person@example.org"],
            items: sealed.items, segments: sealed.segments)
        desk.bridge.always("GET /v1/contacts/7/records", [.json(records)])
        return desk
    }

    @Test func aPersonsCopyHoldsWhatWasSaid() async throws {
        let desk = try await desk()
        defer { desk.end() }
        let copy = try await ContactExport(desk.connection).fetch(7, at: TestDeployment.date)
        #expect(copy.entries.map(\.from) == ["you", "helpline", "helpline"])
        #expect(copy.entries.map(\.missing.isEmpty) == [true, true, false])
        #expect(copy.addresses == ["person@example.org"])
        #expect(copy.knownSince == "1970-01-01T00:00:01Z")
        // Staff are not named.
        #expect(try !copy.json().contains("noor"))
        #expect(desk.bridge.look(\.opened) == [OpenedReport(conversation: 12, items: 2)])
        let read = try JSONDecoder().decode(ContactCopy.self, from: Data(copy.json().utf8))
        #expect(read == copy)
        let more = try await ContactExport(desk.connection).fetch(7, including: [.note])
        #expect(more.entries.contains { $0.kind == "note" && $0.text == "about this person" })
    }

    /// A bridge that gives one person's records for another's: the copy leaves the house.
    @Test func nothingOfAnotherPersonIsInACopy() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        var sealed = try SealedConversation(desk.deployment.verified)
        try sealed.add("mine")
        var other = try SealedConversation(desk.deployment.verified, contact: 8)
        try other.add("of somebody else")
        other.items[0].position = 99
        var records = ContactRecords(
            contact: 7, createdAt: 1_000, conversations: [sealed.row], addresses: ["person@example.org"],
            items: sealed.items + other.items, segments: sealed.segments + other.segments)
        func refusal(_ records: ContactRecords) async -> ForeignRecords? {
            desk.bridge.always("GET /v1/contacts/7/records", [.json(records)])
            return await caught(ForeignRecords.self) { try await ContactExport(desk.connection).fetch(7) }
        }
        // One message was sealed for another contact.
        #expect(await refusal(records)?.got == "m1, sealed for another contact")
        // Everything is another contact's, and said to be so.
        records.contact = 8
        #expect(await refusal(records)?.got == "contact 8")
        records.contact = 7
        records.conversations = [.test(12, contact: 8)]
        #expect(await refusal(records)?.got == "contact 8")
        #expect(desk.bridge.look(\.opened).isEmpty)
    }

    @Test func whatIsInDoubtIsNotInACopy() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        var sealed = try SealedConversation(desk.deployment.verified)
        try sealed.add("I said this", said: "out")
        let records = ContactRecords(
            contact: 7, createdAt: 1_000, conversations: [sealed.row], addresses: [], items: sealed.items,
            segments: sealed.segments)
        desk.bridge.always("GET /v1/contacts/7/records", [.json(records)])
        let copy = try await ContactExport(desk.connection).fetch(7)
        #expect(copy.entries.map(\.text) == [""])
        #expect(copy.entries.first?.missing.isEmpty == false)
    }

    @Test func noTextOfAPersonBecomesMarkup() async throws {
        let desk = try await desk()
        defer { desk.end() }
        let copy = try await ContactExport(desk.connection).fetch(7)
        let html = copy.html()
        #expect(html.contains("&lt;script&gt;"))
        #expect(!html.contains("<script"))
        // A sign with a combining mark behind it is still a sign.
        #expect(html.contains("&lt;\u{338}b&gt;"))
        let markdown = copy.markdown()
        #expect(markdown.contains(#"\<script\>"#))
        #expect(markdown.contains(##"\# سلام \*x\*"##))
        #expect(markdown.contains("\n> second line"))
        for text in [html, markdown] { #expect(!text.unicodeScalars.contains("\u{1b}")) }
    }
}
