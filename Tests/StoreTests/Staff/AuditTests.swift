import Foundation
import GRDB
import StaffProtocol
import Store
import Testing

/// The audit log of staff's doings.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct AuditTests {
    @Test func everyChangeLeavesALineWithItsActorAndTheChainHolds() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        _ = try await desk.service.takeOver(conversation, TakeoverRequest(taken: true), call("sam", .takeOver))
        let created = try await desk.service.reply(
            conversation, ReplyRequest(text: "x", seen: .max), call("sam", .reply))
        _ = try await desk.service.reportOpened(
            OpenedReport(conversation: conversation, items: 42), for: StaffDesk.viewer("sam"))
        var (lines, next): ([AuditLine], Int64) = ([], 0)
        repeat {
            let page = try await desk.service.audit(after: next, limit: 2, for: StaffDesk.viewer("audit"))
            lines += page.lines
            next = page.next
        } while next > 0
        #expect(AuditChain.firstBroken(in: lines) == nil)
        let sams = lines.filter { $0.actor == "sam" }
        #expect(sams.map(\.kind) == ["taken-over", "reply", "opened"])
        #expect(sams.map(\.subject) == [conversation, created.id, conversation] && sams.last?.amount == 42)
        await desk.writer.close()
        #expect(try Inspector(path: desk.store.path).auditChainHolds())

        let queue = try DatabaseQueue(path: desk.store.path)
        try await queue.write { db in
            try db.execute(
                sql: "DROP TRIGGER audit_is_never_changed; UPDATE audit SET actor = 'noor' WHERE kind = 'reply'")
        }
        #expect(try !Inspector(path: desk.store.path).auditChainHolds(), "another actor shows")
    }

    private func lines(_ desk: StaffDesk) async throws -> [AuditLine] {
        try await desk.service.audit(after: 0, limit: 1000, for: StaffDesk.viewer("audit")).lines
    }

    @Test func aLogInHasOneLineAMemberAndHour() async throws {
        let desk = try StaffDesk()
        for name in ["sam", "sam", "noor", "sam"] { await desk.service.noteLogIn(of: StaffDesk.viewer(name)) }
        desk.clock.advance(by: 3600)
        await desk.service.noteLogIn(of: StaffDesk.viewer("sam"))
        let lines = try await lines(desk).filter { $0.kind == "logged-in" }
        #expect(lines.map(\.actor) == ["sam", "noor", "sam"])
        #expect(lines.allSatisfy { $0.subject == 0 && $0.about == nil })
        await desk.writer.close()
        // The bridge ends: nobody is kept out by the log.
        await desk.service.noteLogIn(of: StaffDesk.viewer("amal"))
        #expect(try Inspector(path: desk.store.path).auditChainHolds())
    }

    @Test func theLogSaysToWhomAConversationWasGiven() async throws {
        let desk = try StaffDesk()
        let conversation = try await desk.contact("rachid")
        try await desk.assign(conversation, to: "amal")
        try await desk.assign(conversation, to: "")
        let lines = try await lines(desk).filter { $0.subject == conversation && $0.kind.hasSuffix("assigned") }
        #expect(lines.map(\.kind) == ["assigned", "unassigned"])
        #expect(lines.map(\.about) == ["amal", nil] && lines.allSatisfy { $0.actor == "noor" })
        #expect(AuditChain.firstBroken(in: try await self.lines(desk)) == nil)
        await desk.writer.close()
    }

    /// One of two is hidden from the one who gets the work: the log says the same of both.
    @Test func theLogDoesNotSayFromWhomAConversationIsHidden() async throws {
        let desk = try StaffDesk()
        let (one, other) = (try await desk.contact("one"), try await desk.contact("other"))
        try await desk.assign(other, to: "badr")
        _ = try await desk.service.hide(other, call("badr", .hide))
        for conversation in [one, other] { try await desk.assign(conversation, to: "amal") }
        let before = try await lines(desk).count
        try await desk.writer.perform { try $0.reassignWork(from: "amal", to: "badr", seesAll: false, actor: "noor") }
        #expect(try await desk.row(one).assigned == "badr")
        #expect(try await desk.row(other).assigned == "")
        let lines = try await lines(desk).dropFirst(before)
        #expect(lines.map(\.kind) == ["reassigned", "reassigned", "work-reassigned"])
        #expect(lines.map(\.about) == [nil, nil, "badr"] && lines.allSatisfy { $0.actor == "noor" })
        await desk.writer.close()
    }

    @Test func theStatusCountsWithoutContent() async throws {
        let desk = try StaffDesk()
        try await desk.contact("rachid")
        let conversation = try await desk.contact("fatima")
        _ = try await desk.service.reply(conversation, ReplyRequest(text: "x", seen: .max), call("sam", .reply))
        let status = try await desk.service.status(for: StaffDesk.viewer("audit"))
        #expect(status.waiting == 1 && status.danger == 0 && status.outbox == ["intent": 1])
        #expect(status.schemaVersion == "009" && status.keyMode == "file" && status.warnings == ["key-mode-file"])
        await desk.writer.close()
    }
}
