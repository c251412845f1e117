import Foundation
import GRDB
import Messaging
import Sealing
import Store
import Testing

/// What the store promises: durable, sealed, one writer, errors that say what to do.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct StoreTests {
    @Test func nothingOfAMessageStandsOnTheDisk() async throws {
        let store = try TestStore()
        let writer = try store.open()
        try await writer.perform { transaction in
            let conversation = try transaction.conversation(for: rachid)
            let id = try transaction.store(message("canary-words in a message"), in: conversation)
            try transaction.addIntent(message("canary-reply to it"), cause: id, in: conversation)
            try transaction.setDialogue(Array("canary-dialogue".utf8), of: conversation)
            let raw = UnreadableRecord(
                code: "bad-mac", reason: "canary-reason", sentAt: Date(), payload: Array("canary-raw".utf8))
            try transaction.setAside(raw, in: conversation)
        }
        let disk = try store.bytesOnDisk()
        #expect(disk.count > 4096)
        #expect(disk.range(of: Data("canary".utf8)) == nil)
        #expect(disk.range(of: Data("rachid".utf8)) == nil)
        await writer.close()
        #expect(try store.bytesOnDisk().range(of: Data("canary".utf8)) == nil)
    }

    @Test func whatThrowsRollsBackAloneAndTheOthersAreCommitted() async throws {
        struct Refused: Error {}
        let store = try TestStore()
        let writer = try store.open()
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<40 {
                group.addTask {
                    do {
                        try await writer.perform { transaction in
                            let address = Address(channel: .xmpp, value: "person\(number)@example.org")
                            _ = try transaction.store(message("x"), in: transaction.conversation(for: address))
                            if number % 2 == 0 { throw Refused() }
                        }
                        return true
                    } catch {
                        return false
                    }
                }
            }
            var succeeded = 0
            for await success in group where success { succeeded += 1 }
            #expect(succeeded == 20)
        }
        await writer.close()
        let counts = try Inspector(path: store.path).counts()
        #expect(counts.contacts == 20)
        #expect(counts.messagesIn == 20)
        // Nothing that was remembered of those that were rolled back is in the others.
        #expect(try Inspector(path: store.path).auditChainHolds())
        let ids = try await DatabaseQueue(path: store.path).read {
            try Int.fetchAll($0, sql: "SELECT id FROM message ORDER BY id")
        }
        #expect(ids == Array(1...20))
    }

    @Test func aRecordSealedAfterARollbackHasItsSegmentKeyOnDisk() async throws {
        struct Refused: Error {}
        let store = try TestStore()
        let writer = try store.open()
        try await writer.perform { _ = try $0.conversation(for: rachid) }
        await #expect(throws: Refused.self) {
            try await writer.perform { transaction in
                _ = try transaction.store(message("gone"), in: transaction.conversation(for: rachid))
                throw Refused()
            }
        }
        try await writer.perform { transaction in
            _ = try transaction.store(message("kept"), in: transaction.conversation(for: rachid))
        }
        await writer.close()
        let orphans = try await DatabaseQueue(path: store.path).read {
            try Int.fetchOne(
                $0, sql: "SELECT count(*) FROM message WHERE segment_id NOT IN (SELECT id FROM segment)")
        }
        #expect(orphans == 0)
    }

    @Test func whatRollsBackTakesNobodyElsesSegmentKey() async throws {
        struct Refused: Error {}
        let store = try TestStore()
        let writer = try store.open()
        for _ in 0..<3 {
            try await writer.perform { transaction in
                _ = try transaction.store(message("kept"), in: transaction.conversation(for: rachid))
                try? transaction.savepoint {
                    let other = Address(channel: .xmpp, value: "other@example.org")
                    _ = try transaction.store(message("gone"), in: transaction.conversation(for: other))
                    throw Refused()
                }
            }
        }
        await writer.close()
        let (segments, orphans) = try await DatabaseQueue(path: store.path).read { db in
            (
                try Int.fetchOne(db, sql: "SELECT count(*) FROM segment"),
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM message WHERE segment_id NOT IN (SELECT id FROM segment)")
            )
        }
        #expect(segments == 1 && orphans == 0)
    }

    @Test func aNewDayGetsANewSegmentKey() async throws {
        let store = try TestStore()
        let clock = TestClock(Date(timeIntervalSince1970: 86_400 * 20_000 + 86_390))
        let writer = try store.open(clock: StoreClock(now: { clock.now }))
        for step in [0.0, 5, 20, 30] {
            clock.advance(by: step)
            try await writer.perform { transaction in
                _ = try transaction.store(message("x"), in: transaction.conversation(for: rachid))
            }
        }
        await writer.close()
        let days = try await DatabaseQueue(path: store.path).read {
            try Int.fetchAll($0, sql: "SELECT day FROM segment ORDER BY id")
        }
        #expect(days == [20_000, 20_001])
    }

    @Test func aStoreOfANewerVersionIsRefused() async throws {
        let store = try TestStore()
        await (try store.open()).close()
        try await DatabaseQueue(path: store.path).write {
            try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('999')")
        }
        #expect(throws: StoreError.self) { try store.open() }
        #expect(try refusal { try store.open() }.contains("newer version"))
    }

    @Test func anotherWorkingKeyIsRefused() async throws {
        let store = try TestStore()
        await (try store.open()).close()
        let other = try WorkingKey(root: SecretBytes(randomCount: WorkingKey.byteCount))
        #expect(try refusal { try store.open(key: other) }.contains("keys.working-key"))
    }

    @Test func aFileThatIsNoDatabaseIsRefused() async throws {
        let store = try TestStore()
        let folder = URL(fileURLWithPath: store.path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: store.path))
        #expect(try refusal { try store.open() }.contains("not a store of Sila"))
    }

    @Test func aStoredMessageAndTheAuditLogCannotBeChanged() async throws {
        let store = try TestStore()
        let writer = try store.open()
        try await writer.perform { transaction in
            _ = try transaction.store(message("x"), in: transaction.conversation(for: rachid))
        }
        await writer.close()
        let queue = try DatabaseQueue(path: store.path)
        for sql in ["UPDATE message SET protection = 'none'", "UPDATE audit SET kind = 'x'", "DELETE FROM audit"] {
            #expect(throws: DatabaseError.self, "\(sql)") { try queue.write { try $0.execute(sql: sql) } }
        }
    }

    @Test func theFilesAreForTheirOwnerOnly() async throws {
        let store = try TestStore()
        let writer = try store.open()
        for suffix in ["", "-wal", "-shm"] {
            let mode = try FileManager.default.attributesOfItem(atPath: store.path + suffix)[.posixPermissions]
            #expect(mode as? Int == 0o600, "\(suffix)")
        }
        await writer.close()
    }

    private func refusal(_ open: () throws -> Writer) throws -> String {
        do {
            _ = try open()
            return ""
        } catch let error as StoreError {
            return error.description
        }
    }
}

/// A clock the test sets.
final class TestClock: @unchecked Sendable {
    // Unchecked: set by the test between two awaited transactions, never during one.
    private(set) var now: Date
    private var elapsed = 0.0
    init(_ now: Date) { self.now = now }
    func advance(by seconds: Double) {
        now += seconds
        elapsed += seconds
    }
    /// Somebody sets the clock: no time passes.
    func jump(by seconds: Double) { now += seconds }

    var forStore: StoreClock { StoreClock(now: { self.now }, elapsed: { .seconds(self.elapsed) }) }
}
