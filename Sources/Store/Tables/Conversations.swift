import Foundation
import Messaging
import Sealing

/// A conversation: one address of a contact.
public struct Conversation: Sendable {
    public let id: ConversationID
    public let contact: ContactID
    /// Made in this transaction: nothing was written here before.
    public let isNew: Bool
    /// The dialogue's state, empty before the first answer.
    public let dialogue: [UInt8]
}

extension Transaction {
    /// The conversation of an address; made, with a contact of its own, at the first message.
    public func conversation(for address: Address) throws -> Conversation {
        let lookup = state.workingKey.lookup(address)
        let found = try db().row(
            """
            SELECT conversation.id, conversation.contact_id, conversation.dialogue, conversation.last_in_at
            FROM address JOIN conversation ON conversation.address_id = address.id
            WHERE address.channel = ? AND address.lookup = ?
            """, [address.channel.rawValue, lookup.data])
        guard let found else { return try makeConversation(for: address, lookup: lookup) }
        let id: Int64 = found["id"]
        let sealed = found.bytes("dialogue")
        // A damaged state costs the bot its thread, never the person their message.
        let field = Field(table: "conversation", row: id, column: "dialogue")
        return Conversation(
            id: ConversationID(id), contact: ContactID(found["contact_id"]), isNew: false,
            dialogue: sealed.isEmpty ? [] : (try? open(sealed, in: field)) ?? [])
    }

    private func makeConversation(for address: Address, lookup: [UInt8]) throws -> Conversation {
        let db = try db()
        let contact = try db.insert("INSERT INTO contact (created_at) VALUES (?)", [now.milliseconds])
        let routing = try seal(
            Array(address.value.utf8), in: Field(table: "address", row: lookup, column: "routing"))
        let row = try db.insert(
            "INSERT INTO address (contact_id, channel, lookup, routing) VALUES (?, ?, ?, ?)",
            [contact, address.channel.rawValue, lookup.data, routing.data])
        let id = try db.insert(
            "INSERT INTO conversation (address_id, contact_id, created_at) VALUES (?, ?, ?)",
            [row, contact, now.milliseconds])
        try audit("conversation-started", subject: id)
        return Conversation(id: ConversationID(id), contact: ContactID(contact), isNew: true, dialogue: [])
    }

    /// Keeps the dialogue's state and the time of the last message. Who writes can be reached: replies
    /// that were put off are due.
    public func setDialogue(_ dialogue: [UInt8], of conversation: Conversation) throws {
        let sealed = try seal(
            dialogue, in: Field(table: "conversation", row: conversation.id.rawValue, column: "dialogue"))
        try db().run(
            """
            UPDATE conversation SET dialogue = ?, last_in_at = ?, outbox_not_before = 0, outbox_attempts = 0
            WHERE id = ?
            """,
            [sealed.data, now.milliseconds, conversation.id.rawValue])
    }

    /// A person must read this conversation; it waits since the first time that was said.
    public func setWaiting(_ conversation: Conversation) throws {
        try db().run(
            "UPDATE conversation SET waits_since = ? WHERE id = ? AND waits_since = 0",
            [now.milliseconds, conversation.id.rawValue])
    }

    func seal(_ bytes: [UInt8], in field: Field) throws -> [UInt8] { try state.seal(bytes, in: field) }

    func open(_ sealed: [UInt8], in field: Field) throws -> [UInt8] { try state.open(sealed, in: field) }
}
