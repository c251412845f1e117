import Foundation
import GRDB
import Messaging
import StaffProtocol
import Testing

@testable import Store

/// A store of the version before staff's side existed.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct MigrationTests {
    @Test func whatIsThereGetsItsPlaceInTheOrder() async throws {
        let store = try TestStore()
        let folder = URL(fileURLWithPath: store.path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let old = try DatabaseQueue(path: store.path)
        try Migrations.all.migrate(old, upTo: "002")
        try await old.write { db in
            try db.execute(
                sql: """
                    INSERT INTO contact (id, created_at) VALUES (1, 10), (2, 20), (3, 30);
                    INSERT INTO address (id, contact_id, channel, lookup, routing)
                        VALUES (1, 1, 'xmpp', x'01', x''), (2, 2, 'xmpp', x'02', x''), (3, 3, 'xmpp', x'03', x'');
                    INSERT INTO conversation (id, address_id, contact_id, created_at, waits_since)
                        VALUES (1, 1, 1, 10, 0), (2, 2, 2, 20, 25), (3, 3, 3, 30, 0);
                    INSERT INTO segment (id, token, contact_id, day, compartment, wrapped)
                        VALUES (1, x'01', 1, 1, 'conversation', x''), (2, x'02', 2, 1, 'conversation', x'');
                    INSERT INTO message (id, conversation_id, segment_id, direction, protection, stored_at, sealed)
                        VALUES (1, 1, 1, 'in', 'end-to-end', 10, x'01'), (2, 1, 1, 'out', 'end-to-end', 11, x'02'),
                            (3, 2, 2, 'in', 'none', 25, x'03'), (4, 1, 1, 'in', 'none', 40, x'04');
                    INSERT INTO set_aside (id, conversation_id, segment_id, code, stored_at, sealed)
                        VALUES (1, 2, 2, 'bad-mac', 22, x'05');
                    INSERT INTO outbox (conversation_id, message_id, cause_id, stage, protection, origin_id, text,
                        created_at, stage_at, failure)
                        VALUES (1, 2, 1, 'failed', 'end-to-end', 'a', x'', 11, 12, 'no-device');
                    INSERT INTO audit (at, kind, subject, chain) VALUES (10, 'message-in', 1, x'');
                    """)
            let chain = AuditChain.next(after: [], at: 10, kind: "message-in", subject: 1)
            try db.execute(
                sql: "DROP TRIGGER audit_is_never_changed; UPDATE audit SET chain = ?", arguments: [Data(chain)])
        }
        try old.close()
        #expect(try Inspector(path: store.path).auditChainHolds(), "also before the store is brought up to date")

        let desk = try StaffDesk(store: store)
        let noor = StaffDesk.viewer("noor")
        let archive = try await desk.service.archive(after: 0, limit: 100, for: noor)
        #expect(archive.items.map(\.kind) == [.message, .message, .unreadable, .message, .message])
        #expect(archive.items.map(\.id) == [1, 2, 1, 3, 4] && archive.items.map(\.position) == [1, 2, 3, 4, 5])
        #expect(archive.items[1].stage == "failed" && archive.items[1].code == "no-device")
        #expect(archive.event == 0, "what was there is no news")
        let page = try await desk.service.inbox(.all, limit: 10, after: "", for: noor)
        #expect(page.rows.map(\.conversation) == [2, 1, 3])
        let first = page.rows[1]
        #expect(first.newestItem == 5 && first.troubled == 1 && first.lastOutAt == 11 && first.endsAt == .none)
        #expect(page.rows[2].newestItem == 0)
        // Encrypted before, unencrypted last: the columns that a reply asks are filled too.
        let code = try await refusal {
            try await desk.service.reply(1, ReplyRequest(text: "x", seen: 5), call("sam", .reply))
        }
        #expect(code == .refused)
        await desk.writer.close()
        #expect(try Inspector(path: store.path).auditChainHolds())
    }
}
