import Foundation
import GRDB
import Messaging
import Store
import Testing

/// A stream kept in the store, and what its counts settle.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct StreamTests {
    private static let key = StreamKey(id: "canary-resumption", account: "bridge@example.org/sila", server: "s:5223")

    /// Rows of the outbox, handed over under these numbers of a stream.
    private static func handOver(
        _ writer: Writer, _ stream: Int64, _ stanzas: [Int64]
    ) async throws -> [OutboxID] {
        try await writer.perform { transaction in
            try stanzas.map { stanza in
                try transaction.addIntent(message("words"), cause: 0, in: transaction.conversation(for: rachid))
                guard let row = try transaction.due(on: .xmpp, limit: 100).last else {
                    throw StoreError.missingRow(table: "outbox")
                }
                try transaction.setPrepared(row, bytes: [UInt8(stanza)])
                try transaction.setHandedOver(row.id, as: StanzaNumber(stream: stream, stanza: stanza))
                return row.id
            }
        }
    }

    private static func stages(_ store: TestStore) throws -> [String: Int] {
        try Inspector(path: store.path).counts().outbox
    }

    private static func begin(_ writer: Writer) async throws -> Int64 {
        try await writer.perform { try $0.beginStream(Self.key, on: .xmpp) }
    }

    @Test func aStreamIsFoundAgainAndItsNameIsSealed() async throws {
        let store = try TestStore()
        var writer = try store.open()
        #expect(try await writer.perform { try $0.stream(of: .xmpp) } == nil)
        let number = try await Self.begin(writer)
        try await writer.perform { transaction in
            try transaction.keep(
                StreamMark(stream: number, committed: 4, acknowledged: 2, ceiling: 300), of: .xmpp)
            // Overtaken, and of another stream: nothing moves.
            try transaction.keep(
                StreamMark(stream: number, committed: 3, acknowledged: 1, ceiling: 9), of: .xmpp)
            try transaction.keep(
                StreamMark(stream: number + 1, committed: 99, acknowledged: 99, ceiling: 999), of: .xmpp)
            try transaction.streamIsCaughtUp(number, on: .xmpp)
        }
        #expect(try store.bytesOnDisk().range(of: Data("canary-resumption".utf8)) == nil)
        await writer.close()
        writer = try store.open()
        let found = try await writer.perform { try $0.stream(of: .xmpp) }
        #expect(
            found
                == StoredStream(
                    key: Self.key, mark: StreamMark(stream: number, committed: 4, acknowledged: 2, ceiling: 300),
                    isCaughtUp: true))
        let next = try await Self.begin(writer)
        #expect(next == number + 1)
        let fresh = try await writer.perform { try $0.stream(of: .xmpp) }
        #expect(fresh?.mark.committed == 0)
        #expect(fresh?.isCaughtUp == false)
        await writer.close()
    }

    /// What is encrypted later must not overtake what was encrypted before: whoever wants to send it asks this.
    @Test func whatIsUnderWayToSomebodyIsKnownUntilItHasSurelyLeft() async throws {
        let store = try TestStore()
        let writer = try store.open()
        func isUnderWay() async throws -> Bool { try await writer.perform { try $0.hasUnderWay(to: rachid) } }
        #expect(try await !isUnderWay(), "nobody of this address is there")
        let stream = try await Self.begin(writer)
        try await writer.perform { transaction in
            try transaction.addIntent(message("words"), cause: 0, in: transaction.conversation(for: rachid))
        }
        #expect(try await !isUnderWay(), "not encrypted yet")
        let row = try await writer.perform { transaction in
            guard let row = try transaction.due(on: .xmpp, limit: 1).first else {
                throw StoreError.missingRow(table: "outbox")
            }
            try transaction.setPrepared(row, bytes: [1])
            return row.id
        }
        #expect(try await isUnderWay())
        try await writer.perform { try $0.setHandedOver(row, as: StanzaNumber(stream: stream, stanza: 1)) }
        #expect(try await isUnderWay(), "it may have to be sent again")
        #expect(
            try await writer.perform {
                try $0.hasUnderWay(to: Address(channel: .xmpp, value: "somebody.else@example.org"))
            } == false)
        try await writer.perform { try $0.confirm(row) }
        #expect(try await !isUnderWay())
        await writer.close()
    }

    @Test func aNameThatWasMovedOrChangedIsNoName() async throws {
        let store = try TestStore()
        let writer = try store.open()
        _ = try await Self.begin(writer)
        let database = try DatabaseQueue(path: store.path)
        try await database.write { try $0.execute(sql: "UPDATE stream SET number = number + 1") }
        #expect(try await writer.perform { try $0.stream(of: .xmpp) } == nil)
        try await database.write { try $0.execute(sql: "UPDATE stream SET key = x'00'") }
        #expect(try await writer.perform { try $0.stream(of: .xmpp) } == nil)
        await writer.close()
    }

    @Test func theCountsNeverGoBack() async throws {
        let store = try TestStore()
        let writer = try store.open()
        let number = try await Self.begin(writer)
        try await writer.perform {
            try $0.keep(StreamMark(stream: number, committed: 4, acknowledged: 2, ceiling: 300), of: .xmpp)
        }
        let database = try DatabaseQueue(path: store.path)
        for change in ["committed = 3", "acknowledged = 1", "number = 0"] {
            await #expect(throws: DatabaseError.self) {
                try await database.write { try $0.execute(sql: "UPDATE stream SET \(change)") }
            }
        }
        await writer.close()
    }

    @Test func resumedTheCountSettlesEverything() async throws {
        let store = try TestStore()
        let writer = try store.open()
        let number = try await Self.begin(writer)
        let rows = try await Self.handOver(writer, number, [3, 5, 6, 9])
        let done = try await writer.perform {
            try $0.settleStream(number, taken: 5, isResumed: true, on: .xmpp)
        }
        #expect(done == (confirmed: 2, again: 2))
        #expect(try Self.stages(store) == ["confirmed": 2, "prepared": 2])
        // They leave again in their order, with the bytes they had.
        let due = try await writer.perform { try $0.due(on: .xmpp, limit: 10) }
        #expect(due.map(\.id) == Array(rows[2...]))
        #expect(due.map(\.prepared) == [[6], [9]])
        // Their old numbers mean other stanzas now: a second crash must not confirm them.
        let again = try await writer.perform {
            try $0.settleStream(number, taken: 9, isResumed: true, on: .xmpp)
        }
        #expect(again == (confirmed: 0, again: 0))
        let stream = try await writer.perform { try $0.stream(of: .xmpp) }
        #expect(stream?.mark.acknowledged == 9)
        #expect(stream?.mark.ceiling == 9 + StreamMark.headroom)
        await writer.close()
    }

    @Test func lostTheCountConfirmsAndTheArchiveIsAskedForTheRest() async throws {
        let store = try TestStore()
        let writer = try store.open()
        let number = try await Self.begin(writer)
        let rows = try await Self.handOver(writer, number, [1, 2, 3])
        _ = try await writer.perform { try $0.settleStream(number, taken: 2, isResumed: false, on: .xmpp) }
        #expect(try Self.stages(store) == ["confirmed": 2, "handed-over": 1])
        #expect(try await writer.perform { try $0.unsettled(on: .xmpp) }.map(\.outbox) == [rows[2]])
        await writer.close()
    }

    @Test func withoutACountNothingIsSettledNorByTheCountOfAnotherStream() async throws {
        let store = try TestStore()
        let writer = try store.open()
        let number = try await Self.begin(writer)
        _ = try await Self.handOver(writer, number, [1, 2])
        _ = try await writer.perform { try $0.settleStream(number, taken: nil, isResumed: false, on: .xmpp) }
        _ = try await writer.perform { try $0.settleStream(number + 1, taken: 99, isResumed: true, on: .xmpp) }
        #expect(try Self.stages(store) == ["handed-over": 2])
        await writer.close()
    }

    @Test func aGapIsWrittenDownOnce() async throws {
        let store = try TestStore()
        let writer = try store.open()
        let stored = Date(timeIntervalSince1970: 1_790_000_000)
        let first = stored.addingTimeInterval(3_600)
        try await writer.perform { transaction in
            try transaction.setPosition(ArchivePosition("a1"), of: .xmpp, at: stored)
            try transaction.addArchiveGap(until: first, on: .xmpp)
        }
        #expect(try await writer.perform { try $0.position(of: .xmpp) }?.isLost == true)
        // What was handed over before it, and is not in the archive, may have been there.
        let rows = try await Self.handOver(writer, 1, [1, 2])
        let expected: [(at: Date, fate: Settlement)] = [(first, .unknown), (Date() + 60, .absent)]
        for (row, expected) in zip(rows, expected) {
            let message = HandedOver(outbox: row, to: rachid, originID: OriginID("o"), handedOverAt: expected.at)
            let fate = try await writer.perform { try $0.settleByArchive(message, as: .absent, on: .xmpp) }
            #expect(fate == expected.fate)
        }
        let gaps = try await writer.perform { try $0.openGaps() }
        #expect(gaps.map(\.channel) == ["xmpp"])
        #expect(gaps.map(\.from) == [1_790_000_000_000])
        #expect(gaps.map(\.until) == [1_790_003_600_000])
        await writer.close()
    }
}
