import Foundation
import GRDB
import Sealing
import StaffProtocol
import Store
import Testing

/// Who may do what: every operation in every role, and with another's conversation.
@Suite(.timeLimit(.minutes(2)), .scratchFolder) struct AccessTests {
    /// Operations of `StaffService`, each tried once on a conversation of its own.
    private static let operations: [Endpoint] = [
        .listInbox, .getConversation, .streamArchive, .streamEvents, .reply, .assign, .takeOver, .setAttention, .hide,
        .addEntry, .closeEntry, .suggest, .listStaff, .getOpenWork, .setMemberSettings, .listAudit, .reportOpened,
        .getContactRecords, .eraseContact, .addPracticeContact, .getStatus,
        .listDevices, .acknowledgeGaps,
        .getArrivalWords, .setArrivalWords, .setPerson,
    ]

    private static func attempt(
        _ endpoint: Endpoint, as member: String, on conversation: Int64, _ desk: StaffDesk
    ) async throws {
        let (service, viewer) = (desk.service, StaffDesk.viewer(member))
        let change = call(member, endpoint)
        switch endpoint {
        case .listInbox: _ = try await service.inbox(.all, limit: 10, after: "", for: viewer)
        case .getConversation:
            _ = try await service.conversation(conversation, before: "", limit: 10, for: viewer)
        case .streamArchive: _ = try await service.archive(after: 0, limit: 10, for: viewer)
        case .streamEvents: _ = try await service.events(after: 0, limit: 10, for: viewer)
        case .reply:
            _ = try await service.reply(
                conversation, ReplyRequest(text: StaffDesk.released, seen: desk.newest(conversation)), change)
        case .assign:
            let from = try await desk.row(conversation).assigned
            _ = try await service.assign(conversation, AssignmentRequest(member: "badr", from: from), change)
        case .takeOver: _ = try await service.takeOver(conversation, TakeoverRequest(taken: true), change)
        case .setAttention:
            _ = try await service.setAttention(conversation, AttentionRequest(waits: true, seen: 0), change)
        case .hide: _ = try await service.hide(conversation, change)
        case .addEntry: _ = try await service.addEntry(conversation, desk.entry(.note, in: conversation), change)
        case .closeEntry:
            let tag = try await desk.service.addEntry(
                conversation, desk.entry(.tag, in: conversation), call("noor", .addEntry))
            _ = try await service.closeEntry(tag.id, CloseEntry(outcome: "removed"), change)
        case .suggest: _ = try await service.suggest(SuggestionRequest(text: "?"), for: viewer)
        case .listStaff: _ = try await service.staff(testRoster(), for: viewer)
        case .getOpenWork: _ = try await service.openWork(of: StaffDesk.member("amal"), for: viewer)
        case .setMemberSettings:
            _ = try await service.setSettings(MemberSettings(), of: StaffDesk.member("amal"), change)
        case .listAudit: _ = try await service.audit(after: 0, limit: 10, for: viewer)
        case .reportOpened:
            _ = try await service.reportOpened(OpenedReport(conversation: conversation, items: 1), for: viewer)
        case .getContactRecords:
            _ = try await service.contactRecords(desk.row(conversation).contact, for: viewer)
        case .eraseContact:
            let contact = try await desk.row(conversation).contact
            _ = try await service.erase(contact, EraseRequest(confirm: contact), change)
        case .addPracticeContact: _ = try await service.addPracticeContact(PracticeRequest(), change)
        case .acknowledgeGaps: _ = try await service.acknowledgeGaps(AcknowledgeGaps(upTo: 1), change)
        case .getArrivalWords: _ = try await service.arrivalWords(conversation, for: viewer)
        case .setArrivalWords:
            _ = try await service.setArrivalWords(conversation, ArrivalWordsRequest(action: .revoke), change)
        case .setPerson:
            let other = try await desk.contact("another-of-\(conversation)-\(member)")
            _ = try await service.setPerson(other, PersonRequest(action: .link, of: conversation), change)
        case .getStatus: _ = try await service.status(for: viewer)
        case .listDevices: _ = try await service.devices(of: conversation, for: viewer)
        default: Issue.record("\(endpoint) is not an operation of StaffService")
        }
    }

    @Test(arguments: ["noor", "sam", "fin", "amal", "audit"])
    func everyOperationIsForTheRolesOfTheTable(member: String) async throws {
        let desk = try StaffDesk()
        for endpoint in Self.operations {
            let conversation = try await desk.contact("person-\(endpoint.rawValue.lowercased())")
            try await desk.assign(conversation, to: "amal")
            let code = try await refusal { try await Self.attempt(endpoint, as: member, on: conversation, desk) }
            let access = StaffDesk.viewer(member).role.access(to: endpoint)
            #expect(code == (access == .none ? .forbidden : nil), "\(member) \(endpoint)")
        }
        await desk.writer.close()
    }

    @Test func anInternFindsNothingOfWhatIsNotAssignedToThem() async throws {
        let desk = try StaffDesk()
        let theirs = try await desk.contact("hers")
        try await desk.assign(theirs, to: "badr")
        let nobodys = try await desk.contact("nobodys")
        for conversation in [theirs, nobodys, 9_999] {
            for endpoint in Self.operations where Role.intern.access(to: endpoint) == .assigned {
                if [.listInbox, .streamArchive, .streamEvents].contains(endpoint) { continue }
                if conversation == 9_999, [.reply, .addEntry, .closeEntry].contains(endpoint) { continue }
                let code = try await refusal { try await Self.attempt(endpoint, as: "amal", on: conversation, desk) }
                #expect(code == .notFound, "\(endpoint)")
            }
        }
        let amal = StaffDesk.viewer("amal")
        for filter in InboxFilter.allCases {
            let page = try await desk.service.inbox(filter, limit: 10, after: "", for: amal)
            #expect(page.rows.isEmpty && page.waiting == 0 && page.danger == 0, "\(filter)")
        }
        #expect(try await desk.service.archive(after: 0, limit: 10, for: amal).items.isEmpty)
        #expect(try await desk.service.events(after: 0, limit: 100, for: amal).filter { $0.conversation != 0 }.isEmpty)
        await desk.writer.close()
    }

    @Test func othersThanStaffAreToldOnlyWhatConcernsNoConversation() async throws {
        let desk = try StaffDesk()
        try await desk.contact("rachid")
        try await desk.writer.perform { try $0.addEvent(.channel) }
        for member in ["fin", "audit"] {
            let events = try await desk.service.events(after: 0, limit: 10, for: StaffDesk.viewer(member))
            #expect(events.map(\.kind) == [.channel])
        }
        await desk.writer.close()
    }

    @Test func whatAnInternHidesIsGoneForThemAndOnlyForThem() async throws {
        let desk = try StaffDesk()
        let (known, other) = (try await desk.contact("uncle"), try await desk.contact("other"))
        for conversation in [known, other] { try await desk.assign(conversation, to: "amal") }
        let amal = StaffDesk.viewer("amal")
        _ = try await desk.service.takeOver(known, TakeoverRequest(taken: true), call("amal", .takeOver))
        let before = try await desk.service.inbox(.mine, limit: 10, after: "", for: amal).event
        let hide = call("amal", .hide)
        _ = try await desk.service.hide(known, hide)
        // The same call again is the same answer, though nothing is there for her any more.
        _ = try await desk.service.hide(known, hide)
        let row = try await desk.row(known)
        #expect(row.assigned == "" && row.takenOverBy == "" && row.waitsSince > 0)
        #expect(try await desk.service.inbox(.all, limit: 10, after: "", for: amal).rows.map(\.conversation) == [other])
        let told = try await desk.service.events(after: before, limit: 10, for: amal)
        #expect(told.contains { $0.conversation == known && $0.kind == .conversation }, "she is told that it went")
        #expect(
            try await refusal { try await desk.service.conversation(known, before: "", limit: 1, for: amal) }
                == .notFound)
        #expect(try await refusal { try await desk.assign(known, to: "amal") } == .refused)
        #expect(try await refusal { try await desk.assign(known, to: "badr") } == nil)
        // Neither the log nor the events say who knows whom.
        let lines = try await desk.service.audit(after: 0, limit: 100, for: StaffDesk.viewer("audit")).lines
        let hidden = lines.filter { $0.kind == "hidden" }
        #expect(hidden.map(\.subject) == [0] && hidden.map(\.actor) == [""])
        await desk.writer.close()
        let named = try await DatabaseQueue(path: desk.store.path).read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM staff_event WHERE member = 'amal' AND number > \(before)")
        }
        #expect(named == 0)
    }

    @Test func anInternIsServedTheLastNinetyDays() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid", "old")
        desk.clock.advance(by: 91 * 86_400)
        try await desk.write("rachid", "new")
        try await desk.assign(conversation, to: "amal")
        let page = try await desk.service.conversation(
            conversation, before: "", limit: 10, for: StaffDesk.viewer("amal"))
        #expect(page.items.count == 1 && page.older == "" && page.olderWithheld)
        #expect(try await desk.service.archive(after: 0, limit: 10, for: StaffDesk.viewer("amal")).items == page.items)
        let whole = try await desk.service.conversation(
            conversation, before: "", limit: 10, for: StaffDesk.viewer("sam"))
        #expect(whole.items.count == 2 && !whole.olderWithheld)
        await desk.writer.close()
    }
}
