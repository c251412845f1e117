import Foundation
import GRDB
import Messaging
import Sealing

/// A message on its way out, as the outbox keeps it.
public struct OutboxRow: Sendable {
    public enum Stage: String, Sendable, CaseIterable {
        case intent, prepared
        case handedOver = "handed-over"
        case confirmed, uncertain, failed
    }

    public let id: OutboxID
    public let conversation: ConversationID
    public let stage: Stage
    public let draft: Draft
    /// The stanza, from stage `prepared` on.
    public let prepared: [UInt8]
    /// Its conversation waited for device lists or bundles.
    let wasPostponed: Bool
}

extension Transaction {
    /// Longest wait of a conversation whose device list or bundles cannot be had.
    private static let longestPostponement: Int64 = 3_600_000

    /// Writes a reply down: its text under the working key, and sealed in the archive.
    ///
    /// - Parameters:
    ///   - cause: the message it answers, 0 if none.
    ///   - member: of staff's replies: who wrote it. What staff write concerns the person.
    public func addIntent(
        _ draft: MessageRecord, cause: Int64, in conversation: Conversation, by member: String = ""
    ) throws {
        _ = try addIntentItem(draft, cause: cause, in: conversation, by: member)
    }

    /// As `addIntent`; returns the message's row and place.
    func addIntentItem(
        _ draft: MessageRecord, cause: Int64, in conversation: Conversation, by member: String
    ) throws -> (id: Int64, position: Int64) {
        let message = try storeItem(draft, in: conversation, by: member)
        let origin = UUID().uuidString.lowercased()
        let text = try seal(Array(draft.text.utf8), in: Self.field(origin, "text"))
        // Channels hold the number while their server's answer is outstanding: after an erasure it must not mean
        // another contact's message.
        try state.run(
            """
            INSERT INTO outbox
                (id, conversation_id, message_id, position, cause_id, protection, origin_id, text, created_at,
                    stage_at, personal)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            try nextNumber(of: .outbox), conversation.id.rawValue, message.id, message.position, cause,
            draft.protection.rawValue, origin, text, now.milliseconds, now.milliseconds,
            draft.author == .staff)
        return message
    }

    /// What may leave now, oldest first. What concerns the person waits while a device of theirs awaits a decision
    /// of staff; what is for everybody passes it. Conversations that wait for device lists are left out, and
    /// rows that were damaged on the disk fail, so that neither holds up the others.
    ///
    /// - Parameter busy: conversations whose material is being fetched.
    public func due(on channel: ChannelID, leavingOut busy: Set<ConversationID> = [], limit: Int) throws -> [OutboxRow]
    {
        let left = "[" + busy.map { String($0.rawValue) }.joined(separator: ",") + "]"
        let rows = try state.all(
            """
            SELECT outbox.id, outbox.conversation_id, outbox.stage, outbox.protection, outbox.origin_id,
                outbox.text, outbox.prepared, address.lookup, address.routing, conversation.outbox_attempts,
                CASE WHEN outbox.protection = 'none' AND conversation.was_encrypted THEN
                    outbox.personal ELSE 0 END,
                outbox.personal
            FROM outbox
            JOIN conversation ON conversation.id = outbox.conversation_id
            JOIN address ON address.id = conversation.address_id
            WHERE outbox.stage IN ('intent', 'prepared')
                AND (outbox.personal = 0 OR conversation.new_devices = 0 OR outbox.stage = 'prepared'
                    OR outbox.protection = 'none')
                AND conversation.outbox_not_before <= ? AND address.channel = ?
                AND outbox.conversation_id NOT IN (SELECT value FROM json_each(?))
                -- A file of staff is laid down before its message leaves; what was written after it waits.
                AND NOT EXISTS (SELECT 1 FROM attachment
                    WHERE attachment.conversation_id = outbox.conversation_id AND attachment.state = 'uploading'
                        AND attachment.message_id <= outbox.message_id)
            ORDER BY outbox.id LIMIT ?
            """, now.milliseconds, channel.rawValue, left, limit
        ) { row -> (id: OutboxID, row: Due) in
            do {
                // The contact wrote encrypted since staff allowed these words to go readable: a readable stanza never
                // leaves any more, and what is not one yet is encrypted.
                if row.integer(10) > 0, row.text(2) == OutboxRow.Stage.prepared.rawValue {
                    return (OutboxID(row.integer(0)), .mustFail(code: "encrypts-now"))
                }
                return (OutboxID(row.integer(0)), .row(try outboxRow(row, channel)))
            } catch StoreError.damagedField {
                return (OutboxID(row.integer(0)), .mustFail(code: "damaged"))
            }
        }
        return try rows.compactMap { found in
            switch found.row {
            case .row(let row): return row
            case .mustFail(let code):
                try setFailed(found.id, code: code)
                return nil
            }
        }
    }

    /// A row that is due, or why it must not leave.
    private enum Due {
        case row(OutboxRow)
        case mustFail(code: String)
    }

    private func outboxRow(_ row: borrowing Columns, _ channel: ChannelID) throws -> OutboxRow {
        let origin = row.text(4)
        let sealed = row.bytes(6)
        let text = try open(row.bytes(5), in: Self.field(origin, "text"))
        return OutboxRow(
            id: OutboxID(row.integer(0)), conversation: ConversationID(row.integer(1)),
            stage: OutboxRow.Stage(rawValue: row.text(2)) ?? .failed,
            draft: Draft(
                to: try address(lookup: row.bytes(7), routing: row.bytes(8), channel),
                text: String(decoding: text, as: UTF8.self), originID: OriginID(origin),
                protection: row.integer(10) > 0 ? .endToEnd : Protection(rawValue: row.text(3)) ?? .endToEnd,
                isPersonal: row.integer(11) > 0),
            prepared: sealed.isEmpty ? [] : try open(sealed, in: Self.field(origin, "prepared")),
            wasPostponed: row.integer(9) > 0)
    }

    private func address(lookup: [UInt8], routing: [UInt8], _ channel: ChannelID) throws -> Address {
        if let known = state.memory.routings[lookup] { return Address(channel: channel, value: known) }
        let opened = try open(routing, in: Field(table: "address", row: lookup, column: "routing"))
        let value = String(decoding: opened, as: UTF8.self)
        state.memory.routings[lookup] = value
        return Address(channel: channel, value: value)
    }

    /// `intent` → `prepared`: the ciphertext stands, and is what will be sent.
    public func setPrepared(_ row: OutboxRow, bytes: [UInt8]) throws {
        let sealed = try seal(bytes, in: Self.field(row.draft.originID.rawValue, "prepared"))
        try state.run(
            "UPDATE outbox SET stage = 'prepared', prepared = ?, stage_at = ? WHERE id = ?",
            sealed, now.milliseconds, row.id.rawValue)
        if row.wasPostponed {
            try state.run("UPDATE conversation SET outbox_attempts = 0 WHERE id = ?", row.conversation.rawValue)
        }
    }

    /// `prepared` → `handed-over`: from this commit on its bytes may be on the wire.
    /// - Parameter number: the place it has on its stream; `nil` where the channel does not number.
    public func setHandedOver(_ id: OutboxID, as number: StanzaNumber? = nil) throws {
        try state.run(
            "UPDATE outbox SET stage = 'handed-over', stage_at = ?, stream = ?, stanza = ? WHERE id = ?",
            now.milliseconds, number?.stream ?? 0, number?.stanza ?? 0, id.rawValue)
    }

    /// `handed-over` → `confirmed`: the server has it. The working copies go; the archive keeps it.
    public func confirm(_ id: OutboxID) throws {
        try state.run(
            """
            UPDATE outbox SET stage = 'confirmed', text = x'', prepared = x'', stage_at = ?
            WHERE id = ? AND stage = 'handed-over'
            """, now.milliseconds, id.rawValue)
    }

    /// Whether something that is encrypted for an address has not surely left.
    ///
    /// What is encrypted after it must not overtake it: libsignal-protocol-c counts the chain before by one too few (its
    /// last index, not its length), so an app that keeps keys by that count (python-omemo) cannot read the last message
    /// of a chain that comes after the first of the next.
    public func hasUnderWay(to address: Address) throws -> Bool {
        try !db().rows(
            """
            SELECT 1 FROM address
            JOIN conversation ON conversation.address_id = address.id
            JOIN outbox INDEXED BY outbox_under_way ON outbox.conversation_id = conversation.id
            WHERE address.channel = ? AND address.lookup = ? AND outbox.stage IN ('prepared', 'handed-over') LIMIT 1
            """, [address.channel.rawValue, Data(state.lookup(address))]
        ).isEmpty
    }

    /// What was handed over and never confirmed, oldest first.
    public func unsettled(on channel: ChannelID) throws -> [HandedOver] {
        try db().rows(
            """
            SELECT outbox.id, outbox.origin_id, outbox.stage_at, address.lookup, address.routing
            FROM outbox
            JOIN conversation ON conversation.id = outbox.conversation_id
            JOIN address ON address.id = conversation.address_id
            WHERE outbox.stage = 'handed-over' AND address.channel = ? ORDER BY outbox.id
            """, [channel.rawValue]
        ).compactMap { row in
            do {
                return HandedOver(
                    outbox: OutboxID(row["id"]),
                    to: try address(lookup: row.bytes("lookup"), routing: row.bytes("routing"), channel),
                    originID: OriginID(row["origin_id"]),
                    handedOverAt: Date(milliseconds: row["stage_at"]))
            } catch StoreError.damagedField {
                try settle(OutboxID(row["id"]), as: .unknown)
                return nil
            }
        }
    }

    /// Writes down what the archive said, as `settle`, unless it has had a gap since the message was handed over:
    /// then its absence there says nothing.
    /// - Returns: what was written down.
    public func settleByArchive(
        _ message: HandedOver, as settlement: Settlement, on channel: ChannelID
    ) throws -> Settlement {
        var settlement = settlement
        if settlement == .absent, try hasGap(foundAfter: message.handedOverAt, on: channel) { settlement = .unknown }
        try settle(message.outbox, as: settlement)
        return settlement
    }

    /// Writes down what the archive said about a message handed over on a broken connection.
    public func settle(_ id: OutboxID, as settlement: Settlement) throws {
        switch settlement {
        case .delivered: try confirm(id)
        case .absent: _ = try setUnconfirmed(id, to: "prepared")
        case .unknown:
            guard try setUnconfirmed(id, to: "uncertain") else { return }
            // Words of staff took the conversation out of the waiting ones: now somebody must look.
            let conversation = try db().integer(
                """
                SELECT outbox.conversation_id FROM outbox JOIN item ON item.position = outbox.position
                WHERE outbox.id = ? AND item.author <> ''
                """, [id.rawValue])
            if let conversation { try setWaiting(conversation) }
            try audit("outbox-uncertain", subject: id.rawValue)
        }
    }

    /// It may have been confirmed, or have come back, while the archive was asked: then that holds.
    private func setUnconfirmed(_ id: OutboxID, to stage: String) throws -> Bool {
        let db = try db()
        // Without a ciphertext, after a restore from a backup, it is encrypted anew.
        try db.run(
            """
            UPDATE outbox SET stage = CASE WHEN ?1 = 'prepared' AND length(prepared) = 0 THEN 'intent' ELSE ?1 END,
                stage_at = ?2, stream = 0, stanza = 0
            WHERE id = ?3 AND stage = 'handed-over'
            """, [stage, now.milliseconds, id.rawValue])
        return db.changesCount > 0
    }

    /// A message came back: its recipient, or their server, did not take it. Staff see it as failed.
    ///
    /// - Parameters:
    ///   - sender: who says so. Only the address it was sent to is believed.
    ///   - code: a fixed word for the reason.
    /// - Returns: whether there is such a message that was sent and had not failed.
    public func fail(_ origin: OriginID, returnedBy sender: Address, code: String) throws -> Bool {
        let found = try db().integer(
            """
            SELECT outbox.id FROM outbox
            JOIN conversation ON conversation.id = outbox.conversation_id
            JOIN address ON address.id = conversation.address_id
            WHERE outbox.origin_id = ? AND outbox.stage IN ('handed-over', 'confirmed', 'uncertain')
                AND address.channel = ? AND address.lookup = ?
            """, [origin.rawValue, sender.channel.rawValue, state.workingKey.lookup(sender).data])
        guard let found else { return false }
        try setFailed(OutboxID(found), code: code)
        return true
    }

    /// It cannot be sent and will not be tried again; staff see it.
    public func setFailed(_ id: OutboxID, code: String) throws {
        try db().run(
            "UPDATE outbox SET stage = 'failed', failure = ?, stage_at = ? WHERE id = ?",
            [code, now.milliseconds, id.rawValue])
        let conversation = try db().integer("SELECT conversation_id FROM outbox WHERE id = ?", [id.rawValue])
        if let conversation { try setWaiting(conversation) }
        try audit("outbox-failed", subject: id.rawValue)
    }

    /// Fails every message of a conversation that is not prepared yet.
    public func failIntents(of conversation: ConversationID, code: String) throws {
        let ids = try db().rows(
            "SELECT id FROM outbox WHERE conversation_id = ? AND stage = 'intent'", [conversation.rawValue])
        for row in ids { try setFailed(OutboxID(row["id"]), code: code) }
    }

    /// Leaves a conversation's outbox alone for a while, longer each time: 5 s, 10 s … one hour. After
    /// a few times a person is told.
    public func postpone(_ conversation: ConversationID) throws {
        let tried = try db().integer("SELECT outbox_attempts FROM conversation WHERE id = ?", [conversation.rawValue])
        let delay = min(5_000 << min(tried ?? 0, 12), Self.longestPostponement)
        try db().run(
            "UPDATE conversation SET outbox_not_before = ?, outbox_attempts = outbox_attempts + 1 WHERE id = ?",
            [now.milliseconds + delay, conversation.rawValue])
        if let tried, tried >= 3 { try setWaiting(conversation.rawValue) }
    }

    /// When the next postponed conversation with something to send is due.
    public func nextPostponed() throws -> Date? {
        try state.integer(
            """
            SELECT MIN(conversation.outbox_not_before) AS due FROM outbox
            JOIN conversation ON conversation.id = outbox.conversation_id
            WHERE outbox.stage IN ('intent', 'prepared') AND conversation.outbox_not_before > ?
            """, now.milliseconds
        ).map(Date.init(milliseconds:))
    }

    static func outboxText(_ originID: String) -> Field { field(originID, "text") }

    private static func field(_ originID: String, _ column: String) -> Field {
        Field(table: "outbox", row: Array(originID.utf8), column: column)
    }
}
