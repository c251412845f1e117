import Foundation
import StaffProtocol
import Testing

@testable import Inbox

/// The history of a person with two addresses, as the bridge gives it.
@Suite struct WholePersonTests {
    private func page(_ desk: Desk, _ change: (inout ConversationPage) -> Void = { _ in }) throws -> ConversationPage {
        var (old, new) = (
            try SealedConversation(desk.deployment.verified),
            try SealedConversation(desk.deployment.verified, id: 30, contact: 8)
        )
        try old.add("from the old phone", deviceIsNew: true)
        try new.add("from the new phone", deviceIsNew: true)
        new.items[0].position = 20
        var page = ConversationPage(
            row: old.row, items: old.items + new.items, segments: old.segments + new.segments, older: "",
            olderWithheld: false, event: 3, linked: [new.row])
        change(&page)
        return page
    }

    @Test func eachLineIsHeldAgainstItsOwnContact() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        let page = try page(desk)
        desk.bridge.change { $0.pages[12] = page }
        let opened = try await ConversationReading(desk.connection).page(12, wholePerson: true)
        #expect(opened.lines.map(\.text) == ["from the old phone", "from the new phone"])
        #expect(opened.lines.map(\.item.conversation) == [12, 30])
        #expect(opened.lines.allSatisfy { $0.doubts.isEmpty && !$0.deviceIsNew })
        #expect(opened.linked.map(\.conversation) == [30])
        #expect(
            desk.bridge.look(\.opened) == [
                OpenedReport(conversation: 12, items: 1), OpenedReport(conversation: 30, items: 1),
            ])
    }

    /// Words of one contact that are put under another's conversation show, also within one history.
    @Test func aLineOfTheWrongContactIsInDoubt() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        let page = try page(desk) { $0.items[1].conversation = 12 }
        desk.bridge.change { $0.pages[12] = page }
        let opened = try await ConversationReading(desk.connection).page(12, wholePerson: true)
        #expect(opened.lines.map(\.doubts) == [[], [.contact]])
    }

    @Test func whatIsNotToldToBeThePersonsIsRefused() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        let foreign = try page(desk) { $0.linked = nil }
        desk.bridge.change { $0.pages[12] = foreign }
        let reading = ConversationReading(desk.connection)
        #expect(
            await caught(ForeignRecords.self) { try await reading.page(12, wholePerson: true) }?.got
                == "something of c30")
        // Who asks for one conversation is given one.
        let both = try page(desk)
        desk.bridge.change { $0.pages[12] = both }
        #expect(await caught(ForeignRecords.self) { try await reading.page(12) }?.got == "something of c30")
    }
}
