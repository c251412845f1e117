import Backup
import Foundation
import GRDB
import Messaging
import OMEMO
import Sealing
import SignalProtocol
import Testing

@testable import Store

/// A store that is backed up and made anew: what comes back, what must not, and what is refused.
@Suite(.timeLimit(.minutes(2)), .scratchFolder) struct RestoreTests {
    @Test func everyTableHasItsPlace() async throws {
        let store = try TestStore()
        let writer = try store.open()
        let tables = Set(try Inspector(path: store.path).columns().keys).subtracting(["grdb_migrations"])
        await writer.close()
        let placed = BackupTables.data + BackupTables.keys + BackupTables.left
        #expect(Set(placed) == tables, "a new table goes into data, keys, or neither: BackupTables says which and why")
        #expect(Set(placed).count == placed.count)
    }

    @Test func rowsComeBackAndRatchetsDoNot() async throws {
        let life = try await Life()
        let old = try life.counts()
        let made = try await life.backUp()
        for kind in BackupKind.allCases {
            let bytes = Data(try #require(made.frames[kind]).flatMap(\.encoded))
            for session in life.sealedSessions {
                #expect(bytes.range(of: session) == nil, "a session is in \(kind.name)")
            }
        }
        let report = try #require(try life.restore(made))
        #expect(report.generation == 1 && report.erased == 0 && report.underWay == 3)
        #expect(!FileManager.default.fileExists(atPath: life.rows), "the rows are gone")
        let new = try life.counts(of: life.restored)
        #expect(new.contacts == old.contacts && new.messagesIn == old.messagesIn && new.messagesOut == old.messagesOut)
        #expect(new.outbox == ["handed-over": 3, "confirmed": 1])
        #expect(new.streams.isEmpty && new.restores.map(\.generation) == [1])
        #expect(try life.alarms() == ["restored-from-backup"], "staff see it")
        let inspector = try Inspector(path: life.restored)
        #expect(try inspector.integrity() == "ok")
        #expect(try inspector.auditChainHolds())
        let tables = try DatabaseQueue(path: life.restored)
        for table in BackupTables.left {
            let count = try await tables.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") }
            #expect(count == 0, "\(table)")
        }
        let triggers = try await tables.read { try String.fetchAll($0, sql: Self.triggers) }
        let before = try await DatabaseQueue(path: life.store.path).read { try String.fetchAll($0, sql: Self.triggers) }
        #expect(triggers == before)
        let last = try await tables.read {
            try String.fetchOne($0, sql: "SELECT kind FROM audit ORDER BY id DESC LIMIT 1")
        }
        #expect(last == "restored-from-backup")
    }

    private static let triggers = "SELECT name || sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name"

    @Test func theStoreWorksOnAndNothingIsUsedTwice() async throws {
        let life = try await Life()
        let before = try await life.writer.perform { transaction in
            try (transaction.lastNumber(of: .conversation), transaction.lastNumber(of: .message))
        }
        let event = try await life.writer.read { try EventFeed.newest($0) }
        _ = try life.restore(try await life.backUp())
        let (device, lastPreKey) = (life.device, life.lastPreKey)
        let writer = try life.store.open(at: life.restored)
        // What was taken in before is known.
        #expect(try await writer.perform { try $0.isKnown(.archive(id: "a1"), on: .xmpp) })
        #expect(try await writer.perform { try $0.position(of: .xmpp) } == ArchivePosition("a1"))
        // The same keys, none of the ids.
        try await writer.addCodec(for: .xmpp) { store in
            #expect(try store.ownDevice()?.id == device)
            let ids = try store.takePreKeyIDs(1)
            #expect(ids.lowerBound > lastPreKey + 65_535, "the lost time may have used some")
            #expect(try store.devicesWithoutSession(limit: 10) == [SignalAddress(name: rachid.value, deviceID: 7)])
            return NoCodec()
        }
        try await writer.perform { transaction in
            let conversation = try transaction.conversation(for: Address(channel: .xmpp, value: "new@example.org"))
            #expect(conversation.id.rawValue >= before.0 + 1_000)
            #expect(try transaction.store(message("new"), in: conversation) >= before.1 + 100_000)
        }
        let newest = try await writer.read { try EventFeed.newest($0) }
        #expect(newest >= event + 1_000_000, "whoever saw the lost ones is told to begin anew")
        await writer.close()
    }

    /// A backup is restored, and later once more: the second life uses no id that the first one has published.
    @Test func theSameBackupTwiceGivesOtherIDs() async throws {
        let life = try await Life()
        let made = try await life.backUp()
        var firsts: [Int64] = []
        for minutes in [1.0, 8.0] {
            try life.bring(made)
            _ = try life.finish(now: Date() + minutes * 60)
            let database = try DatabaseQueue(path: life.restored)
            let next = try await database.read {
                try Int64.fetchOne($0, sql: "SELECT next_prekey_id FROM ratchet_identity")
            }
            firsts.append(try #require(next))
            try FileManager.default.removeItem(atPath: life.restored)
        }
        #expect(firsts[1] > firsts[0] + Int64(OMEMOEngine.preKeyCount))
    }

    @Test func idsThatWouldRunOutAreNotBegun() async throws {
        let life = try await Life()
        try await DatabaseQueue(path: life.store.path).write {
            try $0.execute(sql: "UPDATE ratchet_identity SET next_prekey_id = 16700000")
        }
        try life.bring(try await life.backUp())
        #expect(throws: RestoreError.idsExhausted) { try life.finish() }
        #expect(!FileManager.default.fileExists(atPath: life.restored))
    }

    /// The archive of the server says what became of what was under way.
    @Test func whatWasUnderWayIsEncryptedAnewOnlyWhenItSurelyDidNotLeave() async throws {
        let life = try await Life()
        _ = try life.restore(try await life.backUp())
        let writer = try life.store.open(at: life.restored)
        let open = try await writer.perform { try $0.unsettled(on: .xmpp) }
        #expect(open.count == 3)
        #expect(try await writer.perform { try $0.due(on: .xmpp, limit: 10) }.isEmpty, "nothing leaves before that")
        try await writer.perform { transaction in
            for (message, fate) in zip(open, [Settlement.delivered, .absent, .unknown]) {
                try transaction.settle(message.outbox, as: fate)
            }
        }
        let counts = try Inspector(path: life.restored).counts().outbox
        #expect(counts == ["confirmed": 2, "intent": 1, "uncertain": 1])
        let due = try await writer.perform { try $0.due(on: .xmpp, limit: 10) }
        #expect(due.map(\.draft.originID) == [open[1].originID], "under the name that the archive was asked for")
        #expect(due.allSatisfy { $0.prepared.isEmpty && !$0.draft.text.isEmpty })
        await writer.close()
    }

    /// The device lies with the keys, the count that holds replies back with the data.
    @Test func aDeviceThatCameAfterTheDataHoldsBackAsWell() async throws {
        let life = try await Life()
        let data = try await life.backUp()
        try await life.writer.addCodec(for: .xmpp) { store in
            var stranger = OMEMODevice(address: SignalAddress(name: rachid.value, deviceID: 8), firstSeen: Date())
            stranger.trust = .unconfirmed
            try store.saveDevice(stranger)
            return NoCodec()
        }
        var made = try await life.backUp()
        made.frames[.data] = data.frames[.data]
        made.headers[.data] = data.headers[.data]
        _ = try life.restore(made)
        let database = try DatabaseQueue(path: life.restored)
        let held = try await database.read { db in
            try Int.fetchAll(db, sql: "SELECT new_devices FROM conversation ORDER BY id")
        }
        #expect(held == [1, 0])
    }

    /// Its message may have left in the lost time, under an address that nobody knows: it is not laid down again.
    @Test func aFileThatWasBeingLaidDownIsShownAsUncertain() async throws {
        let life = try await Life()
        try await life.writer.perform { transaction in
            try transaction.db().execute(
                sql: """
                    INSERT INTO attachment (message_id, conversation_id, direction, kind, state, token, position,
                        stored_at, source)
                    SELECT message_id, conversation_id, 'out', 'document', 'uploading', 'abcd', position, 1, x'01'
                    FROM outbox WHERE stage = 'intent'
                    """)
        }
        let report = try #require(try life.restore(try await life.backUp()))
        #expect(report.underWay == 2)
        #expect(try life.counts(of: life.restored).outbox == ["handed-over": 2, "confirmed": 1, "uncertain": 1])
        let database = try DatabaseQueue(path: life.restored)
        let state = try await database.read { try String.fetchAll($0, sql: "SELECT state FROM attachment") }
        #expect(state == ["failed"])
        let troubled = try await database.read { db in
            try Int.fetchAll(db, sql: "SELECT troubled FROM conversation ORDER BY id")
        }
        #expect(troubled == [1, 0], "staff see it")
    }

    @Test func whoWasErasedSinceStaysErased() async throws {
        let life = try await Life()
        let data = try await life.backUp()
        try await life.erase(rachid)
        var made = try await life.backUp()
        made.frames[.data] = data.frames[.data]
        made.headers[.data] = data.headers[.data]
        let report = try #require(try life.restore(made))
        #expect(report.erased == 1)
        let counts = try life.counts(of: life.restored)
        #expect(counts.contacts == 1 && counts.messagesIn == 1)
        let database = try DatabaseQueue(path: life.restored)
        for table in ["message", "segment", "address", "outbox", "item"] {
            let count = try await database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? 0 }
            #expect(count <= 1, "\(table)")
        }
        #expect(try Inspector(path: life.restored).auditChainHolds())
    }

    @Test func aCrashBetweenStoreAndRowsIsTidiedUp() async throws {
        let life = try await Life()
        let made = try await life.backUp()
        try life.bring(made)
        let copy = try Data(contentsOf: URL(fileURLWithPath: life.rows))
        #expect(try life.finish() != nil)
        try copy.write(to: URL(fileURLWithPath: life.rows))
        #expect(try life.finish() == nil)
        #expect(!FileManager.default.fileExists(atPath: life.rows))
        // Half a database of a run that was cut off is made anew.
        try FileManager.default.removeItem(atPath: life.restored)
        try copy.write(to: URL(fileURLWithPath: life.rows))
        try Data("half".utf8).write(to: URL(fileURLWithPath: life.restored + ".restoring"))
        #expect(try life.finish() != nil)
    }

    @Test func badRowsMakeNoStore() async throws {
        let life = try await Life()
        let made = try await life.backUp()
        func refused(_ error: (RestoreError) -> Bool, now: Date = Date(), _ change: (inout Made) -> Void) throws {
            var changed = made
            change(&changed)
            try life.bring(changed)
            let thrown = #expect(throws: RestoreError.self) { try life.finish(now: now) }
            #expect(thrown.map(error) == true, "\(String(describing: thrown))")
            #expect(!FileManager.default.fileExists(atPath: life.restored))
            #expect(FileManager.default.fileExists(atPath: life.rows), "another version may still make it")
        }
        func isDamaged(_ error: RestoreError) -> Bool { if case .damaged = error { true } else { false } }
        try refused({ $0 == .newerSchema }) { $0.frames[.data]?[0] = .schema(["001", "999"]) }
        try refused(isDamaged) { $0.frames[.data]?[1] = .table("sqlite_schema", columns: ["sql"]) }
        try refused(isDamaged) { $0.frames[.keys]?[1] = .table("audit", columns: ["id"]) }
        try refused(isDamaged) { $0.frames[.data]?.insert(.row([.integer(1)]), at: 2) }
        try refused(isDamaged) { $0.isCut = true }
        try refused(isDamaged) { $0.frames[.keys]?.removeFirst() }
        let early = Date(timeIntervalSince1970: 1_000)
        try refused({ if case .clockIsBehind = $0 { true } else { false } }, now: early) { _ in }
    }

    @Test func aStoreThatIsThereIsNeverReplaced() async throws {
        let life = try await Life()
        let made = try await life.backUp()
        try life.bring(made)
        try Data("a store".utf8).write(to: URL(fileURLWithPath: life.restored))
        #expect(throws: (any Error).self) { try life.finish() }
        #expect(try Data(contentsOf: URL(fileURLWithPath: life.restored)) == Data("a store".utf8))
    }
}
