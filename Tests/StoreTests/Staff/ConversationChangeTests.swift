import Foundation
import Messaging
import StaffProtocol
import Store
import Testing

/// Who has a conversation, and whether somebody must look.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct ConversationChangeTests {
    @Test func nobodyTakesAConversationFromAnotherUnseen() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await desk.assign(conversation, to: "amal")
        let crossing = AssignmentRequest(member: "sam", from: "")
        do {
            _ = try await desk.service.assign(conversation, crossing, call("noor", .assign))
            Issue.record("nothing refused the crossing assignment")
        } catch let error as APIError {
            #expect(error.code == .conflict && error.current == "amal")
        }
        for member in ["nobody", "audit", "fin", "No Name"] {
            let code = try await refusal { try await desk.assign(conversation, to: member) }
            #expect(code == .refused, "\(member)")
        }
        try await desk.assign(conversation, to: "")
        #expect(try await desk.row(conversation).assigned == "")
        await desk.writer.close()
    }

    @Test func whoLosesAConversationIsTold() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await desk.assign(conversation, to: "amal")
        let amal = StaffDesk.viewer("amal")
        let before = try await desk.service.inbox(.all, limit: 1, after: "", for: amal).event
        try await desk.assign(conversation, to: "badr")
        try await desk.write("rachid")
        let told = try await desk.service.events(after: before, limit: 10, for: amal)
        #expect(told.map(\.conversation) == [conversation], "and nothing of what comes after")
        let others = try await desk.service.events(after: before, limit: 10, for: StaffDesk.viewer("badr"))
        #expect(others.map(\.kind) == [.conversation, .item])
        await desk.writer.close()
    }

    @Test func aTakeoverIsOnesOwnUntilItLapses() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        func take(_ member: String, _ taken: Bool = true, force: Bool = false) async throws -> APIError.Code? {
            try await refusal {
                try await desk.service.takeOver(
                    conversation, TakeoverRequest(taken: taken, force: force), call(member, .takeOver))
            }
        }
        #expect(try await take("sam") == nil)
        #expect(try await take("noor") == .conflict)
        #expect(try await take("noor", false) == .conflict)
        #expect(try await take("noor", force: true) == nil)
        #expect(try await desk.row(conversation).takenOverBy == "noor")
        // A word of staff keeps it for twelve hours more.
        desk.clock.advance(by: 11 * 3600)
        _ = try await desk.service.reply(conversation, ReplyRequest(text: "x", seen: .max), call("sam", .reply))
        desk.clock.advance(by: 11 * 3600)
        #expect(try await desk.row(conversation).takenOverBy == "noor")
        desk.clock.advance(by: 3600)
        let row = try await desk.row(conversation)
        #expect(row.takenOverBy == "" && row.takenOverUntil == 0)
        #expect(try await take("sam") == nil)
        #expect(try await take("sam", false) == nil)
        #expect(try await desk.row(conversation).takenOverBy == "")
        await desk.writer.close()
    }

    @Test func whatWasNotSeenCannotBeMarkedAsRead() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await desk.writer.perform { transaction in
            try transaction.setDanger(transaction.conversation(for: StaffDesk.address("rachid")))
        }
        let seen = try await desk.newest(conversation)
        try await desk.write("rachid", "more")
        func read(_ seen: Int64) async throws -> APIError.Code? {
            try await refusal {
                try await desk.service.setAttention(
                    conversation, AttentionRequest(waits: false, seen: seen), call("sam", .setAttention))
            }
        }
        #expect(try await read(seen) == .conflict)
        #expect(try await desk.row(conversation).dangerSince > 0)
        #expect(try await read(try await desk.newest(conversation)) == nil)
        let row = try await desk.row(conversation)
        #expect(row.dangerSince == 0 && row.waitsSince == 0)
        _ = try await desk.service.setAttention(
            conversation, AttentionRequest(waits: true, seen: 0), call("sam", .setAttention))
        #expect(try await desk.row(conversation).waitsSince > 0)
        await desk.writer.close()
    }

    @Test func aLeaversWorkGoesToAnother() async throws {
        let desk = try StaffDesk()
        let (one, two) = (try await desk.contact("one"), try await desk.contact("two"))
        for conversation in [one, two] { try await desk.assign(conversation, to: "amal") }
        _ = try await desk.service.takeOver(one, TakeoverRequest(taken: true), call("amal", .takeOver))
        let task = try await desk.service.addEntry(
            two, desk.entry(.task, in: two, assignee: "amal"), call("noor", .addEntry))
        let open = try await desk.service.openWork(of: StaffDesk.member("amal"), for: StaffDesk.viewer("noor"))
        #expect(open == OpenWork(conversations: [one, two], tasks: [task.id], proposals: []))
        try await desk.writer.perform { try $0.reassignWork(from: "amal", to: "badr", actor: "noor") }
        let left = try await desk.service.openWork(of: StaffDesk.member("amal"), for: StaffDesk.viewer("noor"))
        #expect(left == OpenWork(conversations: [], tasks: [], proposals: []))
        let taken = try await desk.service.openWork(of: StaffDesk.member("badr"), for: StaffDesk.viewer("noor"))
        #expect(taken == open)
        #expect(try await desk.row(one).takenOverBy == "")
        await desk.writer.close()
    }

    @Test func aPracticeContactIsMarkedAndGivenToWhoeverAsks() async throws {
        let desk = try StaffDesk()
        let change = call("amal", .addPracticeContact)
        let first = try await desk.service.addPracticeContact(PracticeRequest(), change)
        #expect(try await desk.service.addPracticeContact(PracticeRequest(), change) == first)
        let second = try await desk.service.addPracticeContact(PracticeRequest(), call("amal", .addPracticeContact))
        #expect(first.isPractice && first.assigned == "amal" && first.endsAt == .none)
        #expect(second.conversation != first.conversation)
        let begun = desk.bells.state.withLock { $0.begun.map { String($0.value.prefix { $0 != "/" }) } }
        #expect(begun == ["brother", "smuggler"], "the one had least comes next, and each once")
        let unknown = PracticeRequest(story: "none such")
        #expect(
            try await refusal { try await desk.service.addPracticeContact(unknown, call("amal", .addPracticeContact)) }
                == .refused)
        await desk.writer.close()
    }
}
