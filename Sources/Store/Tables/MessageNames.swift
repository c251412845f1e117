import Foundation
import GRDB
import Messaging
import Sealing

/// The ids that apps gave messages: by them a later one says which it corrects, takes back or reacts to. Kept as
/// keyed hashes: an id is chosen by whoever wrote.
extension Transaction {
    /// Longest id that is kept, in bytes.
    private static let longestName = 256

    /// Keeps by which ids a message may be referred to. The first message of an id keeps it.
    func name(_ message: Int64, _ names: [String], in conversation: ConversationID) throws {
        for (place, name) in names.enumerated() where !name.isEmpty && name.utf8.count <= Self.longestName {
            // The two ids of a message are often one.
            if names[..<place].contains(name) { continue }
            try state.run(
                "INSERT OR IGNORE INTO message_name (hash, conversation_id, message_id) VALUES (?, ?, ?)",
                nameHash(name, conversation), conversation.rawValue, message)
        }
    }

    /// What an incoming message does to one that is stored here.
    func resolve(_ reference: IncomingReference, in conversation: ConversationID) throws -> MessageReference {
        var message: Int64?
        if reference.target.utf8.count <= Self.longestName {
            message = try db().integer(
                "SELECT message_id FROM message_name WHERE hash = ?",
                [nameHash(reference.target, conversation).data])
            // People react to what we wrote; nobody corrects it.
            if message == nil, reference.kind == .reaction {
                message = try db().integer(
                    "SELECT message_id FROM outbox WHERE origin_id = ? AND conversation_id = ?",
                    [reference.target, conversation.rawValue])
            }
        }
        return MessageReference(kind: reference.kind, message: message ?? 0)
    }

    private func nameHash(_ name: String, _ conversation: ConversationID) -> [UInt8] {
        let number = withUnsafeBytes(of: conversation.rawValue.bigEndian) { Array($0) }
        return state.workingKey.lookup(number + Array(name.utf8), purpose: "message-name")
    }

    /// Seals a message of a contact into the archive: with what it refers to, and the ids by which others will.
    ///
    /// - Returns: its row number.
    public func store(
        _ record: MessageRecord, referring reference: IncomingReference?, names: [String],
        in conversation: Conversation
    ) throws -> Int64 {
        var record = record
        record.reference = try reference.map { try resolve($0, in: conversation.id) }
        let id = try store(record, in: conversation)
        try name(id, names, in: conversation.id)
        return id
    }
}
