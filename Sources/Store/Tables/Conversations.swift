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
    /// Staff have it: the bot is silent.
    public let isTakenOver: Bool
}

extension Transaction {
    /// The conversation of an address; made, with a contact of its own, at the first message.
    public func conversation(for address: Address) throws -> Conversation {
        let lookup = state.lookup(address)
        let found = try state.first(
            """
            SELECT conversation.id, conversation.contact_id, conversation.dialogue, conversation.taken_over_until
            FROM address JOIN conversation ON conversation.address_id = address.id
            WHERE address.channel = ? AND address.lookup = ?
            """, address.channel.rawValue, lookup
        ) { row in
            let id = row.integer(0)
            let sealed = row.bytes(2)
            // A damaged state costs the bot its thread, never the person their message.
            let field = Field(table: "conversation", row: id, column: "dialogue")
            return Conversation(
                id: ConversationID(id), contact: ContactID(row.integer(1)), isNew: false,
                dialogue: sealed.isEmpty ? [] : (try? open(sealed, in: field)) ?? [],
                isTakenOver: row.integer(3) > now.milliseconds)
        }
        return try found ?? makeConversation(for: address, lookup: lookup)
    }

    private func makeConversation(for address: Address, lookup: [UInt8]) throws -> Conversation {
        let contact = try nextNumber(of: .contact)
        try state.run("INSERT INTO contact (id, created_at) VALUES (?, ?)", contact, now.milliseconds)
        let routing = try seal(
            Array(address.value.utf8), in: Field(table: "address", row: lookup, column: "routing"))
        let row = try state.insert(
            "INSERT INTO address (contact_id, channel, lookup, routing) VALUES (?, ?, ?, ?)",
            contact, address.channel.rawValue, lookup, routing)
        let id = try nextNumber(of: .conversation)
        try state.run(
            "INSERT INTO conversation (id, address_id, contact_id, created_at) VALUES (?, ?, ?, ?)",
            id, row, contact, now.milliseconds)
        try audit("conversation-started", subject: id)
        return Conversation(
            id: ConversationID(id), contact: ContactID(contact), isNew: true, dialogue: [],
            isTakenOver: false)
    }

    /// Keeps the dialogue's state and the time of the last message. Who writes can be reached: replies
    /// that were put off are due.
    public func setDialogue(_ dialogue: [UInt8], of conversation: Conversation) throws {
        let sealed = try seal(
            dialogue, in: Field(table: "conversation", row: conversation.id.rawValue, column: "dialogue"))
        try state.run(
            """
            UPDATE conversation SET dialogue = ?, last_in_at = ?, outbox_not_before = 0, outbox_attempts = 0
            WHERE id = ?
            """, sealed, now.milliseconds, conversation.id.rawValue)
    }

    /// A person must read this conversation; it waits since the first time that was said.
    public func setWaiting(_ conversation: Conversation) throws { try setWaiting(conversation.id.rawValue) }

    func setWaiting(_ conversation: Int64) throws {
        let changed = try state.change(
            "UPDATE conversation SET waits_since = ? WHERE id = ? AND waits_since = 0", now.milliseconds, conversation)
        if changed > 0 { try addEvent(.conversation, conversation: conversation) }
    }

    /// Somebody may be in danger here: staff see it before all others until one of them has read it.
    public func setDanger(_ conversation: Conversation) throws {
        let id = conversation.id.rawValue
        let changed = try state.change(
            "UPDATE conversation SET danger_since = ? WHERE id = ? AND danger_since = 0", now.milliseconds, id)
        if changed > 0 {
            try addEvent(.conversation, conversation: id)
            try audit("danger", subject: id)
        }
        try setWaiting(id)
    }

    /// Keeps what the bot made of the last message. A language it did not recognise leaves the last one.
    public func setRemark(_ remark: BotRemark, of conversation: Conversation) throws {
        try setRemark(remark, of: conversation.id.rawValue)
    }

    func setRemark(_ remark: BotRemark, of id: Int64) throws {
        var remark = remark
        if remark.language.isEmpty {
            let last = try state.first("SELECT bot FROM conversation WHERE id = ?", id) { $0.bytes(0) } ?? []
            let known = last.isEmpty ? nil : try? BotRemark(bytes: open(last, in: BotRemark.field(id)))
            remark.language = known?.language ?? ""
        }
        let sealed = try seal(remark.encoded(), in: BotRemark.field(id))
        try state.run("UPDATE conversation SET bot = ? WHERE id = ?", sealed, id)
    }

    func seal(_ bytes: [UInt8], in field: Field) throws -> [UInt8] { try state.seal(bytes, in: field) }

    func open(_ sealed: [UInt8], in field: Field) throws -> [UInt8] { try state.open(sealed, in: field) }
}
