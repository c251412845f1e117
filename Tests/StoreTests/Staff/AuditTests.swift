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

    @Test func theStatusCountsWithoutContent() async throws {
        let desk = try StaffDesk()
        try await desk.contact("rachid")
        let conversation = try await desk.contact("fatima")
        _ = try await desk.service.reply(conversation, ReplyRequest(text: "x", seen: .max), call("sam", .reply))
        let status = try await desk.service.status(for: StaffDesk.viewer("audit"))
        #expect(status.waiting == 1 && status.danger == 0 && status.outbox == ["intent": 1])
        #expect(status.schemaVersion == "008" && status.keyMode == "file" && status.warnings == ["key-mode-file"])
        await desk.writer.close()
    }
}
