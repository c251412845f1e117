import Foundation
import GRDB
import Messaging
import Sealing
import StaffProtocol
import Store
import Testing

/// Notes, tags, tasks and proposals.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct EntryTests {
    @Test func anEntryIsKeptAsItWasSealedAndClosedOnce() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        let today = ArchiveDay(desk.clock.now).daysSince1970
        let entry = try await desk.entry(.task, in: conversation, assignee: "sam", due: today + 1)
        let change = call("noor", .addEntry)
        let created = try await desk.service.addEntry(conversation, entry, change)
        #expect(try await desk.service.addEntry(conversation, entry, change) == created)
        let page = try await desk.service.conversation(
            conversation, before: "", limit: 10, for: StaffDesk.viewer("sam"))
        let task = try #require(page.items.last)
        #expect(task.kind == .task && task.sealed == entry.sealed && task.token == entry.token)
        #expect(task.author == "noor" && task.assignee == "sam" && task.due == today + 1 && task.closedAt == nil)
        #expect(page.segments.contains(entry.segment) && task.segment == entry.segment.token)
        #expect(page.row.tasksDue == 0)
        desk.clock.advance(by: 86_400)
        #expect(try await desk.row(conversation).tasksDue == 1)
        let done = try await desk.service.closeEntry(created.id, CloseEntry(outcome: "done"), call("sam", .closeEntry))
        #expect(done.outcome == "done" && done.closedBy == "sam")
        #expect(try await desk.row(conversation).tasksDue == 0)
        let again = try await refusal {
            try await desk.service.closeEntry(created.id, CloseEntry(outcome: "done"), call("noor", .closeEntry))
        }
        #expect(again == .conflict)
        await desk.writer.close()
    }

    @Test func whatDoesNotFitIsRefused() async throws {
        let desk = try StaffDesk()
        let (one, other) = (try await desk.contact("one"), try await desk.contact("other"))
        let good = try await desk.entry(.note, in: one)
        var cases: [(NewEntry, APIError.Code)] = []
        func add(_ code: APIError.Code, _ change: (inout NewEntry) -> Void) {
            var entry = good
            change(&entry)
            cases.append((entry, code))
        }
        add(.malformed) { $0.kind = .message }
        add(.malformed) { $0.due = 5 }
        add(.malformed) { $0.token = Data([1]) }
        add(.malformed) { $0.sealed = Data() }
        add(.malformed) { $0.segment.wrapped = Data() }
        add(.malformed) { $0.segment.token = Data([1, 2]) }
        add(.tooLarge) { $0.sealed = Data(count: (1 << 20) + 1) }
        add(.malformed) { $0.segment.contact += 1 }
        for (entry, code) in cases {
            #expect(try await refusal { try await desk.service.addEntry(one, entry, call("sam", .addEntry)) } == code)
        }
        // Made for another contact: it would survive that person's erasure, or go with this one's.
        let crossed = try await refusal { try await desk.service.addEntry(other, good, call("sam", .addEntry)) }
        #expect(crossed == .malformed)
        _ = try await desk.service.addEntry(one, good, call("sam", .addEntry))
        let twice = try await refusal { try await desk.service.addEntry(one, good, call("noor", .addEntry)) }
        #expect(twice == .malformed)
        var stolen = try await desk.entry(.note, in: one)
        stolen.segment.token = good.segment.token
        #expect(
            try await refusal { try await desk.service.addEntry(one, stolen, call("sam", .addEntry)) } == .malformed)
        await desk.writer.close()
    }

    @Test func aRoleWritesIntoItsCompartmentsOnly() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await desk.assign(conversation, to: "amal")
        for member in ["noor", "sam", "amal"] {
            for compartment in Compartment.allCases {
                let entry = try await desk.entry(.note, in: conversation, compartment)
                let code = try await refusal {
                    try await desk.service.addEntry(conversation, entry, call(member, .addEntry))
                }
                let may = StaffDesk.viewer(member).role.writableCompartments.contains(compartment)
                #expect(code == (may ? nil : .forbidden), "\(member) \(compartment)")
            }
        }
        await desk.writer.close()
    }

    @Test func nothingIsSealedToAKeyThatALeaverHolds() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        let before = try await desk.entry(.note, in: conversation)
        _ = try await desk.service.addEntry(conversation, before, call("sam", .addEntry))
        await desk.writer.use(ArchiveSealer(keys: try TestStore().archive))
        for entry in [before, try await desk.entry(.note, in: conversation)] {
            let code = try await refusal {
                try await desk.service.addEntry(conversation, entry, call("noor", .addEntry))
            }
            #expect(code == (entry == before ? .malformed : .conflict))
        }
        // What the bridge itself stores goes to the new keys at once.
        try await desk.write("rachid")
        let page = try await desk.service.conversation(
            conversation, before: "", limit: 10, for: StaffDesk.viewer("sam"))
        #expect(Set(page.items.filter { $0.kind == .message }.map(\.segment)).count == 2)
        await desk.writer.close()
    }

    @Test func aReplyThatIsGivenBackHasItsConversationWaitAgain() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await desk.assign(conversation, to: "amal")
        let proposal = try await desk.proposal(in: conversation, by: "amal")
        _ = try await desk.service.setAttention(
            conversation, AttentionRequest(waits: false, seen: .max), call("amal", .setAttention))
        #expect(try await desk.row(conversation).waitsSince == 0)
        _ = try await desk.service.closeEntry(
            proposal, CloseEntry(outcome: "returned"), call("noor", .closeEntry))
        #expect(try await desk.row(conversation).waitsSince > 0)
        await desk.writer.close()
    }

    @Test func eachKindIsClosedInItsOwnWay() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await desk.assign(conversation, to: "amal")
        func close(_ kind: SealedItem.Kind, _ outcome: String, by member: String) async throws -> APIError.Code? {
            let entry = try await desk.entry(kind, in: conversation)
            let created = try await desk.service.addEntry(conversation, entry, call("amal", .addEntry))
            return try await refusal {
                try await desk.service.closeEntry(created.id, CloseEntry(outcome: outcome), call(member, .closeEntry))
            }
        }
        // Kinds share their numbers: there is no such task, though there is such a note.
        #expect(try await close(.note, "done", by: "sam") == .notFound)
        #expect(try await close(.task, "withdrawn", by: "sam") == .notFound)
        #expect(try await close(.tag, "removed", by: "sam") == nil)
        #expect(try await close(.task, "removed", by: "sam") == .notFound)
        #expect(try await close(.proposal, "approved", by: "sam") == .malformed)
        #expect(try await close(.proposal, "withdrawn", by: "sam") == .forbidden)
        #expect(try await close(.proposal, "withdrawn", by: "amal") == nil)
        #expect(try await close(.proposal, "returned", by: "amal") == .forbidden)
        #expect(try await close(.proposal, "returned", by: "sam") == nil)
        let none = try await refusal {
            try await desk.service.closeEntry(9_999, CloseEntry(outcome: "done"), call("sam", .closeEntry))
        }
        #expect(none == .notFound)
        await desk.writer.close()
    }

    @Test func aProposalThatWaitsLongIsToldOfOnce() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await desk.assign(conversation, to: "amal")
        let proposal = try await desk.proposal(in: conversation, by: "amal")
        desk.clock.advance(by: 21 * 60)
        let open = try await desk.writer.perform { try $0.untoldProposals() }
        #expect(open.map(\.proposal) == [proposal] && open.map(\.conversation) == [conversation])
        #expect(open.map(\.waits) == [21 * 60])
        try await desk.writer.perform { try $0.setTold(proposal: proposal) }
        #expect(try await desk.writer.perform { try $0.untoldProposals().isEmpty })
        await desk.writer.close()
    }

    @Test func whatIsStoredIsNotChangedAndGoesOnlyWithItsContact() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        _ = try await desk.service.addEntry(conversation, desk.entry(.note, in: conversation), call("sam", .addEntry))
        try await desk.writer.perform { transaction in
            try transaction.setAside(
                UnreadableRecord(code: "x", reason: "x", sentAt: Date(), payload: []),
                in: transaction.conversation(for: StaffDesk.address("rachid")))
        }
        await desk.writer.close()
        let queue = try DatabaseQueue(path: desk.store.path)
        let forbidden = [
            "DELETE FROM message", "DELETE FROM entry", "DELETE FROM set_aside", "DELETE FROM item",
            "DELETE FROM segment", "UPDATE entry SET sealed = x'00'", "UPDATE set_aside SET code = ''",
            "UPDATE item SET position = position + 1", "UPDATE segment SET wrapped = x''",
        ]
        for sql in forbidden {
            #expect(throws: DatabaseError.self, "\(sql)") { try queue.write { try $0.execute(sql: sql) } }
        }
    }
}
