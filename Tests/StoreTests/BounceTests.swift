import Foundation
import Messaging
import Store
import Testing

/// A message of ours that comes back, at each stage it can have.
@Suite(.timeLimit(.minutes(1)), .scratchFolder) struct BounceTests {
    private static let code = "bounced-service-unavailable"

    /// A row of the outbox, handed over.
    private static func handedOver(_ writer: Writer) async throws -> OutboxRow {
        try await writer.perform { transaction in
            try transaction.addIntent(message("words"), cause: 0, in: transaction.conversation(for: rachid))
            guard let row = try transaction.due(on: .xmpp, limit: 100).last else {
                throw StoreError.missingRow(table: "outbox")
            }
            try transaction.setPrepared(row, bytes: [1])
            try transaction.setHandedOver(row.id)
            return row
        }
    }

    @Test func whatWasSentAndComesBackIsShownAsFailed() async throws {
        let store = try TestStore()
        let writer = try store.open()
        var rows: [OutboxRow] = []
        for _ in 0..<3 { rows.append(try await Self.handedOver(writer)) }
        let sent = rows
        try await writer.perform { transaction in
            try transaction.confirm(sent[0].id)
            try transaction.settle(sent[1].id, as: .unknown)
        }
        for row in sent {
            let (first, second) = try await writer.perform { transaction in
                (
                    try transaction.fail(row.draft.originID, returnedBy: rachid, code: Self.code),
                    try transaction.fail(row.draft.originID, returnedBy: rachid, code: Self.code)
                )
            }
            #expect(first)
            #expect(!second)
        }
        // A confirmation, or the archive's answer, that comes later changes nothing.
        try await writer.perform { transaction in
            for row in sent { try transaction.confirm(row.id) }
            for settlement in [Settlement.delivered, .absent, .unknown] {
                for row in sent { try transaction.settle(row.id, as: settlement) }
            }
        }
        await writer.close()
        let inspector = try Inspector(path: store.path)
        let counts = try inspector.counts()
        #expect(counts.outbox == ["failed": 3])
        #expect(counts.failures == [Self.code: 3])
        #expect(counts.waiting == 1)
        let shown = try inspector.sealedRows(limit: 100).filter { $0.kind == "not sent" }
        #expect(shown.map(\.note) == Array(repeating: Self.code, count: 3))
    }

    @Test func onlyWhomItWasSentToCanReturnAMessage() async throws {
        let store = try TestStore()
        let writer = try store.open()
        let row = try await Self.handedOver(writer)
        let stranger = Address(channel: .xmpp, value: "stranger@example.org")
        let returned = try await writer.perform { transaction in
            [
                try transaction.fail(row.draft.originID, returnedBy: stranger, code: Self.code),
                try transaction.fail(OriginID("unknown"), returnedBy: rachid, code: Self.code),
            ]
        }
        #expect(returned == [false, false])
        await writer.close()
        let counts = try Inspector(path: store.path).counts()
        #expect(counts.outbox == ["handed-over": 1])
        #expect(counts.contacts == 1, "who returns what nobody sent leaves no trace")
    }

    @Test func whatIsSettledWhileItIsConfirmedStaysConfirmed() async throws {
        let store = try TestStore()
        let writer = try store.open()
        let row = try await Self.handedOver(writer)
        try await writer.perform { transaction in
            try transaction.confirm(row.id)
            try transaction.settle(row.id, as: .absent)
            try transaction.settle(row.id, as: .unknown)
        }
        await writer.close()
        #expect(try Inspector(path: store.path).counts().outbox == ["confirmed": 1])
    }
}
