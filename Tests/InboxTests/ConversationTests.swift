import Foundation
import Messaging
import Sealing
import StaffProtocol
import Testing

@testable import Inbox
@testable import Unsealing

@Suite struct ConversationTests {
    @Test func aConversationOpensAndIsReported() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        var sealed = try SealedConversation(desk.deployment.verified)
        try sealed.add("wach n9der nchki?")
        try sealed.add("Ja.", author: .staff, member: "noor")
        try sealed.add("Ik help je.", author: .bot)
        let page = sealed.page
        desk.bridge.change { $0.pages[12] = page }
        let opened = try await ConversationReading(desk.connection).page(12)
        #expect(opened.id.description == "c12")
        #expect(opened.newest == 30)
        #expect(opened.lines.map(\.text) == ["wach n9der nchki?", "Ja.", "Ik help je."])
        #expect(opened.lines.map(\.author) == [.contact, .member("noor"), .bot])
        #expect(opened.lines.map(\.id.description) == ["m1", "m2", "m3"])
        #expect(opened.lines.allSatisfy { $0.at == TestDeployment.date && $0.protection == .endToEnd })
        #expect(opened.lines.allSatisfy { $0.doubts.isEmpty && $0.item.sealed.isEmpty })
        #expect(desk.bridge.look(\.opened) == [OpenedReport(conversation: 12, items: 3)])
    }

    @Test func anotherConversationThanWasAskedForIsRefused() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        var sealed = try SealedConversation(desk.deployment.verified, id: 13)
        try sealed.add("of another conversation")
        var page = sealed.page
        desk.bridge.change { $0.pages[12] = page }
        let reading = ConversationReading(desk.connection)
        #expect(await caught(ForeignRecords.self) { try await reading.page(12) }?.asked == "c12")
        page.row = .test(12)
        desk.bridge.change { $0.pages[12] = page }
        #expect(await caught(ForeignRecords.self) { try await reading.page(12) }?.got == "something of c13")
        #expect(desk.bridge.look(\.opened).isEmpty)
    }

    @Test func onlyAnotherDeviceThanTheFirstIsNew() async throws {
        let deployment = try TestDeployment()
        let keys = try await deployment.unlocked(deployment.coordinator)
        let opener = ConversationOpener(keys: keys, role: .coordinator)
        func isNew(_ sealed: SealedConversation, _ change: (inout ConversationPage) -> Void = { _ in }) async throws
            -> [Bool]
        {
            var page = sealed.page
            change(&page)
            return try await opener.open(page).lines.map(\.deviceIsNew)
        }
        var sealed = try SealedConversation(deployment.verified)
        try sealed.add("plain", protection: .none)
        try sealed.add("salam", deviceIsNew: true)
        try sealed.add("Ja.", author: .staff, member: "noor")
        try sealed.add("from another phone", deviceIsNew: true)
        #expect(try await isNew(sealed) == [false, false, false, true])
        // What came before is not there to be seen.
        #expect(try await isNew(sealed) { $0.older = "10" } == [false, true, false, true])
        #expect(try await isNew(sealed) { $0.olderWithheld = true } == [false, true, false, true])
        // It may have come from the first device.
        sealed.items[0].sealed[20] ^= 1
        #expect(try await isNew(sealed) == [false, true, false, true])
    }

    @Test func aDamagedRecordIsShownAsSuchAndTheRestOpens() async throws {
        let deployment = try TestDeployment()
        var sealed = try SealedConversation(deployment.verified)
        for text in ["one", "two", "three", "four", "five"] { try sealed.add(text) }
        sealed.items[1].sealed[20] ^= 1
        // Two records change places: each is bound to its own.
        let third = sealed.items[2].sealed
        sealed.items[2].sealed = sealed.items[3].sealed
        sealed.items[3].sealed = third
        let keys = try await deployment.unlocked(deployment.coordinator)
        let lines = try await ConversationOpener(keys: keys, role: .coordinator).open(sealed.page).lines
        #expect(lines.map(\.text) == ["one", nil, nil, nil, "five"])
        for line in lines[1...3] {
            guard case .damaged(let reason) = line.content else {
                Issue.record("it is not shown as damaged")
                continue
            }
            #expect(!reason.isEmpty)
        }
    }

    @Test func whatCannotBeOpenedSaysWhy() async throws {
        let deployment = try TestDeployment()
        var conversation = try SealedConversation(deployment.verified)
        try conversation.add("readable")
        let confidential = try SealedConversation(deployment.verified, compartment: .casework)
        let erased = try SealedConversation(deployment.verified)
        let altered = try SealedConversation(deployment.verified)
        var segments = conversation.segments + confidential.segments + erased.segments + altered.segments
        segments[2].wrapped = Data()
        // A segment that is said to be for another day does not open.
        segments[3].day += 1
        let note = EntryRecord.note("secret", by: deployment.coordinator.id, at: TestDeployment.date)
        func item(_ number: Int64, _ key: SegmentKey, _ token: Data) throws -> SealedItem {
            SealedItem(
                kind: .note, id: number, position: number, conversation: 12, segment: token, token: Data(count: 16),
                storedAt: 5,
                sealed: Data(
                    try key.seal(
                        note.encoded(), kind: RecordKind(rawValue: "note"),
                        record: .token([UInt8](repeating: 0, count: 16)))))
        }
        let items = [
            conversation.items[0], try item(2, confidential.key, segments[1].token),
            try item(3, erased.key, segments[2].token), try item(4, altered.key, segments[3].token),
            try item(5, altered.key, Data(repeating: 9, count: 16)),
        ]
        let intern = try await deployment.unlocked(deployment.intern)
        let lines = try await ConversationOpener(keys: intern, role: .intern).open(items, segments, contact: 7)
        #expect(lines[0].text == "readable")
        #expect(lines[1].content == .closed(.casework))
        #expect(lines[2].content == .erased)
        for line in lines[3...4] {
            if case .damaged = line.content {} else { Issue.record("it is not shown as damaged") }
        }
        #expect(lines.map(\.wasOpened) == [true, false, false, false, false])
        #expect(lines.map(\.compartment) == [.conversation, .casework, .conversation, .conversation, nil])
        // The coordinator reads what the intern may not.
        let coordinator = try await deployment.unlocked(deployment.coordinator)
        let all = try await ConversationOpener(keys: coordinator, role: .coordinator).open(items, segments, contact: 7)
        #expect(all[1].content == .note("secret"))
    }

    @Test func whatTheBridgeSaysOtherwiseIsDoubted() async throws {
        let deployment = try TestDeployment()
        var sealed = try SealedConversation(deployment.verified)
        try sealed.add("I said this", said: "out")
        sealed.items[0].protection = "none"
        let keys = try await deployment.unlocked(deployment.coordinator)
        let opener = ConversationOpener(keys: keys, role: .coordinator)
        let lines = try await opener.open(sealed.items, sealed.segments, contact: 8)
        #expect(lines.first?.author == .contact)
        #expect(lines.first?.doubts == [.direction, .protection, .contact])
    }

    @Test func whatTheBridgeCouldNotReadIsShown() async throws {
        let deployment = try TestDeployment()
        let sealed = try SealedConversation(deployment.verified)
        let record = UnreadableRecord(code: "bad-mac", reason: "a reason", sentAt: TestDeployment.date, payload: [1])
        let item = SealedItem(
            kind: .unreadable, id: 4, position: 9, conversation: 12, segment: sealed.segments[0].token, storedAt: 5,
            sealed: Data(try sealed.key.seal(record.encoded(), kind: .unreadable, record: .row(4))), code: "bad-mac")
        let keys = try await deployment.unlocked(deployment.coordinator)
        let lines = try await ConversationOpener(keys: keys, role: .coordinator).open(
            [item], sealed.segments, contact: 7)
        #expect(lines.first?.content == .unreadable(code: "bad-mac", reason: "a reason"))
        #expect(lines.first?.id.description == "u4")
    }
}

@Suite struct EntryTests {
    private func opened(_ desk: Desk, as keys: StaffKeys, _ role: Role) async throws -> [ConversationLine] {
        let entries = try desk.bridge.look(\.changes).map {
            try JSONDecoder().decode(NewEntry.self, from: Data($0.body))
        }
        let items = entries.enumerated().map { index, entry in
            SealedItem(
                kind: entry.kind, id: Int64(index + 1), position: Int64(index + 1), conversation: 12,
                segment: entry.segment.token, token: entry.token, storedAt: 1, sealed: entry.sealed, author: "amina",
                assignee: entry.assignee, due: entry.due)
        }
        return try await ConversationOpener(keys: desk.deployment.unlocked(keys), role: role).open(
            items, entries.map(\.segment), contact: 7)
    }

    @Test func notesTagsAndTasksAreSealedForThoseWhoMayRead() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        let writing = EntryWriting(desk.connection, sealer: desk.sealer, now: { TestDeployment.date })
        let row = InboxRow.test(12)
        _ = try await writing.note("for all", on: row)
        _ = try await writing.note("for few", on: row, isConfidential: true)
        _ = try await writing.tag("lawyer", on: row)
        _ = try await writing.task(
            "call back", on: row, assignee: desk.deployment.intern.id, due: ArchiveDay(daysSince1970: 20_800))
        let all = try await opened(desk, as: desk.deployment.coordinator, .coordinator)
        #expect(all.map(\.content) == [.note("for all"), .note("for few"), .tag("lawyer"), .task("call back")])
        #expect(all.allSatisfy { $0.author == .member("amina") && $0.doubts.isEmpty && $0.at == TestDeployment.date })
        #expect(all[3].item.assignee == "noor")
        #expect(all[3].item.due == 20_800)
        let some = try await opened(desk, as: desk.deployment.intern, .intern)
        #expect(some.map(\.content) == [.note("for all"), .closed(.casework), .tag("lawyer"), .task("call back")])
        // One segment for contact, day and compartment; records have tokens of their own.
        let entries = try desk.bridge.look(\.changes).map {
            try JSONDecoder().decode(NewEntry.self, from: Data($0.body))
        }
        #expect(Set(entries.map(\.segment.token)).count == 2)
        #expect(Set(entries.map(\.token)).count == 4)
    }

    @Test func aNewDayAndANewArchiveKeyBeginANewSegment() async throws {
        let deployment = try TestDeployment()
        let clock = TestClock()
        let sealer = StaffSealer(roster: deployment.verified, now: { clock.now })
        let record = EntryRecord.note("a", by: deployment.coordinator.id, at: clock.now)
        func token() async throws -> SealedSegment {
            try await sealer.seal(record, contact: 7, compartment: .desk).segment
        }
        let first = try await token()
        #expect(try await token() == first)
        clock.add(24 * 3600)
        let second = try await token()
        #expect(second.day == first.day + 1)
        #expect(second.token != first.token)
        let (roster, _) = try deployment.rotated(.desk)
        let verified = try roster.verified(by: deployment.verified.pin)
        await sealer.use(verified)
        let third = try await token()
        let key = try WrappedSegment(bytes: Array(third.wrapped)).archiveKey
        #expect(key == verified.currentArchiveKey(.desk)?.id)
        #expect(key != deployment.verified.currentArchiveKey(.desk)?.id)
    }

    @Test func whoMayNotWriteSomewhereDoesNot() async throws {
        let deployment = try TestDeployment()
        let sealer = StaffSealer(roster: deployment.verified, now: { TestDeployment.date })
        let record = EntryRecord.note("a", by: deployment.intern.id, at: TestDeployment.date)
        let error = await caught(APIError.self) {
            try await sealer.seal(record, contact: 7, compartment: .payments)
        }
        #expect(error?.code == .forbidden)
        // Writing without reading back is possible.
        _ = try await sealer.seal(record, contact: 7, compartment: .casework)
    }

    @Test func anEmptyNoteIsRefused() async throws {
        let desk = try await Desk()
        defer { desk.end() }
        let writing = EntryWriting(desk.connection, sealer: desk.sealer)
        #expect(await caught(APIError.self) { try await writing.note(" \n", on: .test(12)) }?.code == .refused)
        #expect(await caught(APIError.self) { try await writing.tag("a\nb", on: .test(12)) }?.code == .refused)
        #expect(desk.bridge.server.requests.isEmpty)
    }
}
