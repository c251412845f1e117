import Foundation
import Messaging
import Store

/// The due messages of one channel, prepared inside one transaction: encrypted, the ratchets
/// advanced, marked as handed over. The bytes go out after the commit and not before.
struct OutboxStep: Sendable {
    let channel: ChannelID
    let hooks: any BridgeHooks
    /// Rows in one transaction at most.
    var limit = 64

    struct Outcome: Sendable {
        var departures: [Departure] = []
        /// Conversations whose next message needs device lists or bundles first.
        var needs: [ConversationID: Address] = [:]
        var failed = 0
        /// Whether more is due than fitted.
        var hasMore = false
        /// When the next postponed conversation is due.
        var nextDue: Date?
    }

    /// - Parameter turn: on channels whose server counts: the numbers that the departures get, in order.
    func run(
        material: [Address: any PreparationMaterial], busy: Set<ConversationID>, link: any ChannelLink,
        turn: StreamTurn? = nil, in transaction: Transaction
    ) throws -> Outcome {
        var outcome = Outcome()
        var blocked: Set<ConversationID> = []
        var material = material
        let due = try transaction.due(on: channel, leavingOut: busy, limit: limit)
        outcome.hasMore = due.count == limit
        for row in due where !blocked.contains(row.conversation) {
            if row.stage == .prepared {
                outcome.departures.append(Departure(outbox: row.id, prepared: Prepared(bytes: row.prepared)))
                continue
            }
            let draft = row.draft
            do {
                let codec = try transaction.codec(for: channel)
                let brought = material.removeValue(forKey: draft.to)
                if brought == nil, case .needsMaterial = try codec.readiness(for: draft) {
                    blocked.insert(row.conversation)
                    outcome.needs[row.conversation] = draft.to
                    continue
                }
                let prepared = try transaction.savepoint {
                    let prepared = try codec.prepare(draft, material: brought)
                    try transaction.setPrepared(row, bytes: prepared.bytes)
                    return prepared
                }
                outcome.departures.append(Departure(outbox: row.id, prepared: prepared))
            } catch let error as UndeliverableError {
                try settle(error, of: row, in: transaction)
                blocked.insert(row.conversation)
                outcome.failed += 1
            } catch let error where StoreError.isOfOneMessage(error) {
                try transaction.setFailed(row.id, code: "internal")
                outcome.failed += 1
            }
        }
        for (index, departure) in outcome.departures.enumerated() {
            try transaction.setHandedOver(departure.outbox, as: turn?.number(index))
        }
        if let turn, !outcome.departures.isEmpty {
            try transaction.keep(turn.mark(after: outcome.departures.count), of: channel)
        }
        let alreadySent = hooks.preparing(outcome.departures, for: link)
        hooks.reached(.prepared)
        if alreadySent { outcome.departures = [] }
        outcome.nextDue = try transaction.nextPostponed()
        return outcome
    }

    private func settle(_ error: UndeliverableError, of row: OutboxRow, in transaction: Transaction) throws {
        if error.isTemporary {
            try transaction.postpone(row.conversation)
        } else {
            try transaction.setFailed(row.id, code: error.code)
        }
    }
}
