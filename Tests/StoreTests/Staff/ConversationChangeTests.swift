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
        try await desk.writer.perform { try $0.reassignWork(from: "amal", to: "badr", seesAll: false, actor: "noor") }
        let left = try await desk.service.openWork(of: StaffDesk.member("amal"), for: StaffDesk.viewer("noor"))
        #expect(left == OpenWork(conversations: [], tasks: [], proposals: []))
        let taken = try await desk.service.openWork(of: StaffDesk.member("badr"), for: StaffDesk.viewer("noor"))
        #expect(taken == open)
        #expect(try await desk.row(one).takenOverBy == "")
        await desk.writer.close()
    }

    /// Who is to be told that the bot answers again; they are told.
    private func tellEnded(_ desk: StaffDesk) async throws -> [Int64] {
        try await desk.writer.perform { transaction in
            let ended = try transaction.endedTakeovers()
            for conversation in ended { try transaction.setTold(endOfTakeover: conversation) }
            return ended
        }
    }

    private func take(_ conversation: Int64, _ desk: StaffDesk, _ taken: Bool = true) async throws {
        _ = try await desk.service.takeOver(conversation, TakeoverRequest(taken: taken), call("sam", .takeOver))
    }

    @Test func aLapseIsToldOnce() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        desk.clock.advance(by: 60)
        try await take(conversation, desk)
        desk.clock.advance(by: Double(TakeoverRequest.lifetime) - 1)
        #expect(try await tellEnded(desk).isEmpty)
        desk.clock.advance(by: 1)
        let before = try await desk.service.inbox(.all, limit: 1, after: "", for: StaffDesk.viewer("sam")).event
        #expect(try await tellEnded(desk) == [conversation])
        #expect(try await tellEnded(desk).isEmpty)
        let events = try await desk.service.events(after: before, limit: 10, for: StaffDesk.viewer("sam"))
        #expect(events.map(\.kind) == [.conversation], "staff see that it lapsed")
        // Another take-over, another lapse.
        try await take(conversation, desk)
        desk.clock.advance(by: Double(TakeoverRequest.lifetime))
        #expect(try await tellEnded(desk) == [conversation])
        await desk.writer.close()
    }

    @Test func whoWroteWhileStaffHadItIsToldThatItWasGivenBack() async throws {
        let desk = try StaffDesk()
        let (wrote, silent) = (try await desk.contact("wrote"), try await desk.contact("silent"))
        desk.clock.advance(by: 60)
        for conversation in [wrote, silent] { try await take(conversation, desk) }
        desk.clock.advance(by: 60)
        try await desk.write("wrote")
        _ = try await desk.service.reply(wrote, ReplyRequest(text: "x", seen: .max), call("sam", .reply))
        for conversation in [wrote, silent] { try await take(conversation, desk, false) }
        #expect(desk.bells.state.withLock { $0.handedBack } == 2)
        #expect(try await tellEnded(desk) == [wrote])
        #expect(try await tellEnded(desk).isEmpty)
        await desk.writer.close()
    }

    @Test func whatIsTakenAgainBeforeAnybodyWasToldIsNotTold() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await take(conversation, desk)
        try await desk.write("rachid")
        try await take(conversation, desk, false)
        try await take(conversation, desk)
        #expect(try await tellEnded(desk).isEmpty)
        #expect(try await desk.row(conversation).takenOverBy == "sam")
        await desk.writer.close()
    }

    @Test func aNoticeGoesOutInTheOutboxAndInPracticeNowhere() async throws {
        let desk = try StaffDesk()
        let person = try await desk.contact("rachid")
        let practice = try await desk.service.addPracticeContact(
            PracticeRequest(), call("amal", .addPracticeContact)
        ).conversation
        func notify(_ conversation: Int64, inPractice: Bool) async throws -> (String?, [String?]) {
            let channel = try await desk.writer.perform { transaction in
                try transaction.notify(conversation, inPractice: inPractice) { _ in ("we are here", "nl") }
            }
            let page = try await desk.service.conversation(
                conversation, before: "", limit: 10, for: StaffDesk.viewer("noor"))
            return (channel?.rawValue, page.items.filter { $0.direction == "out" }.map(\.stage))
        }
        #expect(try await notify(person, inPractice: false) == ("xmpp", ["intent"]))
        #expect(try await notify(practice, inPractice: false) == (nil, []))
        #expect(try await notify(practice, inPractice: true) == (nil, [nil]), "shown, and on its way to nobody")
        await desk.writer.close()
    }

    @Test(arguments: [86_400.0, -86_400.0]) func aClockThatIsSetEndsNoTakeoverAndProlongsNone(
        jump: Double
    ) async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await take(conversation, desk)
        desk.clock.advance(by: 11 * 3600)
        desk.clock.jump(by: jump)
        #expect(try await tellEnded(desk).isEmpty, "an hour is left")
        #expect(try await desk.row(conversation).takenOverBy == "sam")
        let isTakenOver = try await desk.writer.perform {
            try $0.conversation(for: StaffDesk.address("rachid")).isTakenOver
        }
        #expect(isTakenOver)
        desk.clock.advance(by: 3599)
        #expect(try await tellEnded(desk).isEmpty)
        desk.clock.advance(by: 1)
        #expect(try await tellEnded(desk) == [conversation], "and no more than an hour")
        let lines = try await desk.service.audit(after: 0, limit: 100, for: StaffDesk.viewer("audit")).lines
        #expect(lines.count { $0.kind == "clock-jumped" } == 1)
        await desk.writer.close()
    }

    @Test(arguments: [86_400.0, -86_400.0]) func aClockThatIsSetMovesThePausesOfTheOutbox(jump: Double) async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        _ = try await desk.service.reply(conversation, ReplyRequest(text: "x", seen: .max), call("sam", .reply))
        try await desk.writer.perform { try $0.postpone(ConversationID(conversation)) }
        desk.clock.jump(by: jump)
        func due() async throws -> Int { try await desk.writer.perform { try $0.due(on: .xmpp, limit: 10).count } }
        #expect(try await due() == 0)
        desk.clock.advance(by: 5)
        #expect(try await due() == 1)
        await desk.writer.close()
    }

    @Test func inPracticeALearnerIsTheirOwnColleague() async throws {
        let desk = try StaffDesk()
        let practice = try await desk.service.addPracticeContact(
            PracticeRequest(language: "en"), call("amal", .addPracticeContact)
        ).conversation
        #expect(desk.bells.state.withLock { $0.languages } == ["en"])
        func reply(_ conversation: Int64, proposal: Int64?) async throws -> APIError.Code? {
            try await refusal {
                try await desk.service.reply(
                    conversation, ReplyRequest(text: "own words", seen: .max, variety: "ary", proposal: proposal),
                    call("amal", .reply))
            }
        }
        #expect(try await reply(practice, proposal: nil) == nil, "here everyone may make mistakes")
        #expect(try await reply(practice, proposal: desk.proposal(in: practice, by: "amal")) == nil)
        let person = try await desk.contact("rachid")
        try await desk.assign(person, to: "amal")
        #expect(try await reply(person, proposal: desk.proposal(in: person, by: "amal")) == .needsSecondPerson)
        let unknown = PracticeRequest(language: "ary")
        #expect(
            try await refusal { try await desk.service.addPracticeContact(unknown, call("amal", .addPracticeContact)) }
                == .refused)
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
