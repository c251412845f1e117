import Testing

@testable import StaffAgent

/// Of which conversations somebody else's things are said to stand there.
@Suite struct ItemTableTests {
    @Test func whatComesLaterMixesAConversation() {
        var table = ItemTable([item(1, conversation: 7, contact: 3), item(2, conversation: 8, contact: 4)])
        #expect(!table.isMixed(conversation: 7))
        _ = table.add(item(3, conversation: 7, contact: 3))
        #expect(!table.isMixed(conversation: 7))
        _ = table.add(item(4, conversation: 7, contact: 4))
        #expect(table.isMixed(conversation: 7))
        #expect(!table.isMixed(conversation: 8))
    }

    @Test func whatIsReplacedOrTakenOutMixesNoMore() {
        var table = ItemTable([
            item(1, conversation: 7, contact: 3), item(2, conversation: 7, contact: 4),
            item(4, conversation: 9, contact: 5),
        ])
        #expect(table.isMixed(conversation: 7))
        _ = table.add(item(2, conversation: 7, contact: 3))
        #expect(!table.isMixed(conversation: 7))
        // In its place between others.
        _ = table.add(item(3, conversation: 7, contact: 4))
        #expect(table.isMixed(conversation: 7))
        #expect(table.remove { $0.contact == 4 }.map(\.position) == [3])
        #expect(!table.isMixed(conversation: 7))
        #expect(table.holds(conversation: 7))
        _ = table.remove { $0.conversation == 7 }
        #expect(!table.holds(conversation: 7))
        #expect(table.holds(conversation: 9))
    }

    @Test func anUnsortedArchiveCountsTheLastOfAPosition() {
        let table = ItemTable([
            item(2, conversation: 7, contact: 4), item(1, conversation: 7, contact: 3),
            item(2, conversation: 7, contact: 3),
        ])
        #expect(table.items.map(\.position) == [1, 2])
        #expect(!table.isMixed(conversation: 7))
    }

    private func item(_ position: UInt32, conversation: Int64, contact: Int64) -> IndexedItem {
        IndexedItem(
            position: position, kind: 0, isOutgoing: false, isCut: false, isDoubtful: false,
            place: TextArena.Place(block: 0, offset: 0, length: 0), conversation: conversation, contact: contact,
            id: Int64(position), storedAt: 0)
    }
}
