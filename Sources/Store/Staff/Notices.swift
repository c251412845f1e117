import Foundation
import Messaging
import Sealing

extension Transaction {
    /// Words of the bridge to a contact that answer no message.
    ///
    /// - Parameters:
    ///   - inPractice: whether a practice conversation shows them too. They are written down there and go
    ///     nowhere: the story does not take them for a reply.
    ///   - words: gets the dialogue's state; gives text and variety, or `nil` to say nothing.
    /// - Returns: the channel on which they wait to leave; `nil` when nothing is to leave: a practice
    ///   contact, or one who must not be answered in the clear.
    public func notify(
        _ conversation: Int64, inPractice: Bool = false,
        words: (_ dialogue: [UInt8]) -> (text: String, variety: String)?
    ) throws -> ChannelID? {
        let row = try db().row(
            """
            SELECT conversation.contact_id, conversation.dialogue, conversation.protection, conversation.is_practice,
                conversation.was_encrypted, address.channel
            FROM conversation JOIN address ON address.id = conversation.address_id WHERE conversation.id = ?
            """, [conversation])
        guard let row else { return nil }
        let isPractice: Bool = row["is_practice"]
        guard inPractice || !isPractice else { return nil }
        let protection = Protection(rawValue: row["protection"] as String) ?? .endToEnd
        guard protection == .endToEnd || !(row["was_encrypted"] as Bool) else { return nil }
        let sealed = row.bytes("dialogue")
        let field = Field(table: "conversation", row: conversation, column: "dialogue")
        guard let said = words(sealed.isEmpty ? [] : (try? open(sealed, in: field)) ?? []) else { return nil }
        let channel = ChannelID(rawValue: row["channel"])
        let message = MessageRecord(
            text: said.text, direction: .outgoing, author: .bot, sentAt: now, receivedAt: now, channel: channel,
            protection: protection, language: said.variety)
        let place = Conversation(
            id: ConversationID(conversation), contact: ContactID(row["contact_id"]), isNew: false, dialogue: [],
            isTakenOver: false)
        if isPractice {
            _ = try store(message, in: place)
            return nil
        }
        _ = try addIntentItem(message, cause: 0, in: place, by: "")
        return channel
    }
}
