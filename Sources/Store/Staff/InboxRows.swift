import Foundation
import GRDB
import Messaging
import Sealing
import StaffProtocol

/// The lines of the inbox.
extension StaffReader {
    /// In the order in which `row` reads them.
    static let rowColumns = """
        conversation.id, conversation.contact_id, address.channel, conversation.protection,
        conversation.waits_since, conversation.danger_since, conversation.last_in_at, conversation.last_out_at,
        conversation.assigned_to, conversation.taken_over_by, conversation.taken_over_until, conversation.bot,
        conversation.troubled, conversation.proposals,
        CASE WHEN conversation.open_tasks = 0 THEN 0 ELSE (SELECT count(*) FROM entry
            WHERE kind = 'task' AND entry.conversation_id = conversation.id AND closed_at = 0
                AND due > 0 AND due <= :today) END,
        conversation.is_practice, conversation.newest_item
        """

    var today: Int64 { Int64(ArchiveDay(Date(milliseconds: now)).daysSince1970) }

    func row(_ row: Row) -> InboxRow {
        let id: Int64 = row[0]
        let sealed: Data = row[11]
        // What the bot noted last; damaged, it costs the row nothing else.
        let remark =
            sealed.isEmpty
            ? nil
            : (try? key.open([UInt8](sealed), in: BotRemark.field(id))).flatMap { try? BotRemark(bytes: $0) }
        let until: Int64 = row[10]
        let isTaken = until > now
        return InboxRow(
            conversation: id, contact: row[1], channel: row[2],
            endsAt: EncryptionEnd(channel: row[2], protection: row[3]),
            waitsSince: row[4], dangerSince: row[5], lastInAt: row[6], lastOutAt: row[7],
            language: remark?.language ?? "", assigned: row[8], takenOverBy: isTaken ? row[9] : "",
            takenOverUntil: isTaken ? until : 0, bot: remark?.note, unheardVoice: 0, troubled: row[12],
            proposals: row[13], tasksDue: row[14], isPractice: row[15], newestItem: row[16])
    }

    /// One line. Throws `notFound`.
    func row(of conversation: Int64) throws -> InboxRow {
        let found = try db.row(
            """
            SELECT \(Self.rowColumns) FROM conversation JOIN address ON address.id = conversation.address_id
            WHERE conversation.id = :id
            """, ["today": today, "id": conversation])
        guard let found else { throw Refusal.noConversation }
        return row(found)
    }
}

extension EncryptionEnd {
    /// - Parameter protection: of the last message of the contact; empty before the first.
    init(channel: String, protection: String) {
        switch (channel, protection) {
        case ("xmpp", "none"): self = .none
        case ("xmpp", _): self = .bridge
        case ("signal", _): self = .host
        case ("whatsapp", _): self = .meta
        default: self = .none
        }
    }
}
