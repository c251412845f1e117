import Foundation
import StaffProtocol
import Store
import Testing

/// Nothing lies with somebody who does not see it.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct LostWorkTests {
    private func open(_ member: String, _ desk: StaffDesk) async throws -> OpenWork {
        try await desk.service.openWork(of: StaffDesk.member(member), for: StaffDesk.viewer("noor"))
    }

    @Test func aTaskIsForSomebodyWhoSeesIt() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        func task(for member: String) async throws -> APIError.Code? {
            let entry = try await desk.entry(.task, in: conversation, assignee: member)
            return try await refusal {
                try await desk.service.addEntry(conversation, entry, call("noor", .addEntry))
            }
        }
        #expect(try await task(for: "amal") == .refused, "it is not theirs")
        try await desk.assign(conversation, to: "amal")
        #expect(try await task(for: "amal") == nil)
        #expect(try await task(for: "sam") == nil, "who sees all")
        _ = try await desk.service.hide(conversation, call("amal", .hide))
        #expect(try await task(for: "amal") == .refused, "it is hidden from them")
        await desk.writer.close()
    }

    @Test func whatAnInternHadGoesAlongWithTheConversation() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await desk.assign(conversation, to: "amal")
        let task = try await desk.service.addEntry(
            conversation, desk.entry(.task, in: conversation, assignee: "amal"), call("noor", .addEntry))
        _ = try await desk.service.takeOver(conversation, TakeoverRequest(taken: true), call("amal", .takeOver))
        try await desk.assign(conversation, to: "badr")
        #expect(try await desk.row(conversation).takenOverBy == "", "the bot answers again")
        #expect(desk.bells.state.withLock { $0.handedBack } > 0)
        #expect(try await open("amal", desk) == OpenWork(conversations: [], tasks: [], proposals: []))
        #expect(try await open("badr", desk).tasks == [task.id])
        // Who sees it all the same keeps what is theirs.
        try await desk.assign(conversation, to: "sam")
        _ = try await desk.service.takeOver(conversation, TakeoverRequest(taken: true), call("sam", .takeOver))
        try await desk.assign(conversation, to: "badr")
        #expect(try await desk.row(conversation).takenOverBy == "sam")
        #expect(try await open("sam", desk).tasks == [task.id])
        await desk.writer.close()
    }

    @Test func aLeaversTasksGoToNobodyWhoDoesNotSeeThem() async throws {
        let desk = try StaffDesk()
        let (hidden, others) = (try await desk.contact("hidden"), try await desk.contact("others"))
        try await desk.assign(hidden, to: "badr")
        _ = try await desk.service.hide(hidden, call("badr", .hide))
        for conversation in [hidden, others] {
            _ = try await desk.service.addEntry(
                conversation, desk.entry(.task, in: conversation, assignee: "sam"), call("noor", .addEntry))
        }
        try await desk.writer.perform {
            try $0.reassignWork(from: "sam", to: "badr", seesAll: false, actor: "noor")
        }
        for member in ["sam", "badr"] { #expect(try await open(member, desk).tasks == []) }
        await desk.writer.close()
    }

    /// The daemon stopped between a new roster and its work, or an assignment raced a dismissal.
    @Test func nothingStaysWithSomebodyWhoIsGone() async throws {
        let desk = try StaffDesk()
        let (one, two) = (try await desk.contact("one", waits: false), try await desk.contact("two", waits: false))
        try await desk.assign(one, to: "amal")
        try await desk.assign(two, to: "sam")
        for (conversation, member) in [(one, "amal"), (two, "sam")] {
            _ = try await desk.service.addEntry(
                conversation, desk.entry(.task, in: conversation, assignee: member), call("noor", .addEntry))
            _ = try await desk.service.takeOver(
                conversation, TakeoverRequest(taken: true), call(member, .takeOver))
        }
        var roles = StaffDesk.roles
        try await desk.writer.perform { [roles] in try $0.releaseWork(ofAllBut: roles) }
        #expect(try await open("amal", desk).tasks.count == 1, "who belongs keeps everything")
        // One left; the other's role is given no conversations any more.
        roles[StaffDesk.member("amal")] = nil
        roles[StaffDesk.member("sam")] = .auditor
        try await desk.writer.perform { [roles] in try $0.releaseWork(ofAllBut: roles) }
        for (conversation, member) in [(one, "amal"), (two, "sam")] {
            let row = try await desk.row(conversation)
            #expect(row.assigned == "" && row.takenOverBy == "" && row.waitsSince > 0)
            #expect(try await open(member, desk) == OpenWork(conversations: [], tasks: [], proposals: []))
        }
        await desk.writer.close()
    }

    @Test func whoReadsPageByPageStandsInTheLogOnceAnHour() async throws {
        let desk = try StaffDesk()
        let (one, other) = (try await desk.contact("one"), try await desk.contact("other"))
        func lines(_ kind: String) async throws -> [AuditLine] {
            await desk.doWhatWasPutOff()
            return try await desk.service.audit(after: 0, limit: 1000, for: StaffDesk.viewer("audit")).lines
                .filter { $0.kind == kind && $0.actor == "sam" }
        }
        func read(_ conversation: Int64) async throws {
            _ = try await desk.service.conversation(
                conversation, before: "", limit: 500, for: StaffDesk.viewer("sam"))
        }
        for _ in 0..<3 { try await read(one) }
        try await read(other)
        let first = try await lines("conversation-served")
        #expect(first.map(\.subject) == [one, other] && first.map(\.amount) == [1, 1])
        desk.clock.advance(by: 3600)
        try await read(one)
        #expect(try await lines("conversation-served").map(\.subject) == [one, other, one])
        // What serves nothing writes nothing.
        for _ in 0..<3 { _ = try await desk.service.archive(after: 1_000, limit: 10, for: StaffDesk.viewer("sam")) }
        #expect(try await lines("archive-served").isEmpty)
        _ = try await desk.service.archive(after: 0, limit: 10, for: StaffDesk.viewer("sam"))
        #expect(try await lines("archive-served").map(\.amount) == [2])
        await desk.writer.close()
    }

    @Test func theLogSaysForWhomTheSecondPersonWasLifted() async throws {
        let desk = try StaffDesk()
        for alone in [true, true, false] {
            _ = try await desk.service.setSettings(
                MemberSettings(repliesAlone: alone), of: StaffDesk.member("amal"), call("noor", .setMemberSettings))
        }
        let lines = try await desk.service.audit(after: 0, limit: 100, for: StaffDesk.viewer("audit")).lines
        #expect(lines.map(\.kind) == ["second-person-lifted", "member-settings", "second-person-required"])
        #expect(lines.allSatisfy { $0.about == "amal" && $0.actor == "noor" })
        #expect(AuditChain.firstBroken(in: lines) == nil)
        var other = lines
        other[0].about = "badr"
        #expect(AuditChain.firstBroken(in: other)?.id == lines[0].id, "another member shows")
        await desk.writer.close()
        #expect(try Inspector(path: desk.store.path).auditChainHolds())
    }
}
