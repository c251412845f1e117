import Foundation
import Messaging
import Sealing

extension Transaction {
    /// Seals a message into the archive and returns its row number.
    public func store(_ message: MessageRecord, in conversation: Conversation) throws -> Int64 {
        let db = try db()
        // The row number is bound to the ciphertext, so it is known before the row is written.
        let id = (try db.integer("SELECT MAX(id) FROM message") ?? 0) + 1
        let segment = try segment(of: conversation.contact, .conversation)
        let sealed = try segment.key.seal(message, record: .row(id))
        let direction = message.direction == .incoming ? "in" : "out"
        try db.run(
            """
            INSERT INTO message (id, conversation_id, segment_id, direction, protection, stored_at, sealed)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id, conversation.id.rawValue, segment.id, direction, message.protection.rawValue, now.milliseconds,
                sealed.data,
            ])
        try audit("message-" + direction, subject: id)
        return id
    }

    /// Sets aside what could not be opened, sealed as it came, with the reason for staff.
    public func setAside(_ record: UnreadableRecord, in conversation: Conversation) throws {
        let db = try db()
        let id = (try db.integer("SELECT MAX(id) FROM set_aside") ?? 0) + 1
        let segment = try segment(of: conversation.contact, .conversation)
        let sealed = try segment.key.seal(record.encoded(), kind: .unreadable, record: .row(id))
        try db.run(
            """
            INSERT INTO set_aside (id, conversation_id, segment_id, code, stored_at, sealed)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            [id, conversation.id.rawValue, segment.id, record.code, now.milliseconds, sealed.data])
        try setWaiting(conversation)
        try audit("set-aside", subject: id)
    }

    /// Today's segment key of a contact; a new one when there is none in memory.
    private func segment(of contact: ContactID, _ compartment: Compartment) throws -> WriterState.Segment {
        let slot = WriterState.SegmentSlot(contact: contact, day: ArchiveDay(now), compartment: compartment)
        if let segment = state.segments[slot] { return segment }
        let key = try state.sealer.makeSegment(contact: contact, day: slot.day, compartment: compartment)
        let id = try db().insert(
            "INSERT INTO segment (token, contact_id, day, compartment, wrapped) VALUES (?, ?, ?, ?, ?)",
            [
                key.segment.id.bytes.data, contact.rawValue, slot.day.daysSince1970, compartment.rawValue,
                key.wrapped.bytes.data,
            ])
        let segment = WriterState.Segment(id: id, key: key)
        state.keep(segment, in: slot)
        return segment
    }
}
