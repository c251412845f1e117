import Foundation
import Messaging
import Sealing

extension Transaction {
    /// Seals a message into the archive and returns its row number.
    ///
    /// - Parameter member: of staff's replies: who wrote it.
    public func store(
        _ message: MessageRecord, in conversation: Conversation, by member: String = ""
    ) throws -> Int64 {
        try storeItem(message, in: conversation, by: member).id
    }

    /// As `store`, with the message's place among all items.
    func storeItem(
        _ message: MessageRecord, in conversation: Conversation, by member: String
    ) throws -> (id: Int64, position: Int64) {
        // The row number is bound to the ciphertext, so it is known before the row is written.
        let id = try nextNumber(of: .message)
        let segment = try segment(of: conversation.contact, .conversation)
        let sealed = try segment.key.seal(message, record: .row(id))
        let direction = message.direction == .incoming ? "in" : "out"
        try state.run(
            """
            INSERT INTO message (id, conversation_id, segment_id, direction, protection, stored_at, sealed)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            id, conversation.id.rawValue, segment.id, direction, message.protection.rawValue, now.milliseconds, sealed)
        let position = try addItem("message", id, in: conversation.id.rawValue, author: member)
        if message.reference?.kind == .reaction || message.reference?.kind == .retraction {
            // Apps send these in the clear also where words are encrypted: they say nothing of how words come. A sign
            // is nothing that must be read before an answer.
            try state.run(
                """
                UPDATE conversation SET newest_item = ?1, newest_in = CASE WHEN ?2 THEN ?1 ELSE newest_in END
                WHERE id = ?3
                """, position, message.reference?.kind == .retraction, conversation.id.rawValue)
        } else if message.direction == .incoming {
            try state.run(
                """
                UPDATE conversation SET newest_item = ?, newest_in = ?, protection = ?,
                    was_encrypted = was_encrypted OR ? WHERE id = ?
                """,
                position, position, message.protection.rawValue, message.protection == .endToEnd,
                conversation.id.rawValue)
        } else {
            try state.run(
                "UPDATE conversation SET newest_item = ?, last_out_at = ? WHERE id = ?",
                position, now.milliseconds, conversation.id.rawValue)
        }
        try audit("message-" + direction, subject: id)
        return (id, position)
    }

    /// Sets aside what could not be opened, sealed as it came, with the reason for staff.
    ///
    /// - Parameter isEncrypted: whether it came encrypted: from then on nothing of staff goes to the contact readable,
    ///   also when not one of their messages could be opened.
    public func setAside(
        _ record: UnreadableRecord, isEncrypted: Bool = false, in conversation: Conversation
    ) throws {
        let id = try nextNumber(of: .setAside)
        let segment = try segment(of: conversation.contact, .conversation)
        let sealed = try segment.key.seal(record.encoded(), kind: .unreadable, record: .row(id))
        try state.run(
            """
            INSERT INTO set_aside (id, conversation_id, segment_id, code, stored_at, sealed)
            VALUES (?, ?, ?, ?, ?, ?)
            """, id, conversation.id.rawValue, segment.id, record.code, now.milliseconds, sealed)
        let position = try addItem("unreadable", id, in: conversation.id.rawValue, author: "")
        try state.run(
            "UPDATE conversation SET newest_item = ?, newest_in = ? WHERE id = ?", position, position,
            conversation.id.rawValue)
        if isEncrypted {
            try state.run(
                "UPDATE conversation SET protection = 'end-to-end', was_encrypted = 1 WHERE id = ?",
                conversation.id.rawValue)
        }
        try setWaiting(conversation)
        try audit("set-aside", subject: id)
    }

    /// Gives a row its place in the order over all items; a trigger makes its event.
    func addItem(_ kind: String, _ row: Int64, in conversation: Int64, author: String) throws -> Int64 {
        try state.insert(
            "INSERT INTO item (kind, row_id, conversation_id, author, stored_at) VALUES (?, ?, ?, ?, ?)",
            kind, row, conversation, author, now.milliseconds)
    }

    /// The next row number of a table: never one that an erased row had.
    func nextNumber(of table: NumberedTable) throws -> Int64 {
        let number = try lastNumber(of: table) + 1
        state.memory.numbers[table] = number
        return number
    }

    /// The last row number that a table gave out; 0 before the first.
    func lastNumber(of table: NumberedTable) throws -> Int64 {
        if let known = state.memory.numbers[table] { return known }
        return try db().integer(
            """
            SELECT max(ifnull((SELECT max(id) FROM \(table.rawValue)), 0),
                ifnull((SELECT number FROM number_floor WHERE name = '\(table.rawValue)'), 0))
            """) ?? 0
    }

    /// Today's segment key of a contact; a new one when there is none in memory.
    private func segment(of contact: ContactID, _ compartment: Compartment) throws -> WriterState.Segment {
        let slot = WriterState.SegmentSlot(contact: contact, day: ArchiveDay(now), compartment: compartment)
        if let segment = state.segments[slot] { return segment }
        let key = try state.sealer.makeSegment(contact: contact, day: slot.day, compartment: compartment)
        let id = try state.insert(
            "INSERT INTO segment (token, contact_id, day, compartment, wrapped) VALUES (?, ?, ?, ?, ?)",
            key.segment.id.bytes, contact.rawValue, Int64(slot.day.daysSince1970), compartment.rawValue,
            key.wrapped.bytes)
        let segment = WriterState.Segment(id: id, key: key)
        state.keep(segment, in: slot)
        return segment
    }
}
