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
