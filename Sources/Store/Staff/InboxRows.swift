import Foundation
import Messaging
import Sealing
import StaffProtocol

/// The lines of the inbox.
extension StaffReader {
    /// In the order in which `row` reads them; ?1 is `today`.
    static let rowColumns = """
        conversation.id, conversation.contact_id, address.channel, conversation.protection,
        conversation.waits_since, conversation.danger_since, conversation.last_in_at, conversation.last_out_at,
        conversation.assigned_to, conversation.taken_over_by, conversation.taken_over_until, conversation.bot,
        conversation.troubled, conversation.proposals,
        CASE WHEN conversation.open_tasks = 0 THEN 0 ELSE (SELECT count(*) FROM entry
            WHERE kind = 'task' AND entry.conversation_id = conversation.id AND closed_at = 0
                AND due > 0 AND due <= ?1) END,
        conversation.is_practice, conversation.newest_item, conversation.new_devices,
        CASE WHEN conversation.new_devices = 0 THEN 0 ELSE (SELECT count(*) FROM outbox
            WHERE outbox.conversation_id = conversation.id AND stage = 'intent' AND personal = 1
                AND outbox.protection <> 'none') END, conversation.person_id, conversation.unheard_voice, conversation.voice_since
        """

    var today: Int64 { Int64(ArchiveDay(Date(milliseconds: now)).daysSince1970) }

    func row(_ row: borrowing Columns) throws -> InboxRow {
        let id = row.integer(0)
        let remark = row.withBytes(11) { opened($0, on: id) }
        let until = row.integer(10)
        let isTaken = until > now
        let channel = row.text(2)
        return InboxRow(
            conversation: id, contact: row.integer(1), channel: channel,
            endsAt: EncryptionEnd(channel: channel, protection: row.text(3)),
            waitsSince: row.integer(4), dangerSince: row.integer(5), lastInAt: row.integer(6),
            lastOutAt: row.integer(7), language: remark?.language ?? "", assigned: row.text(8),
            takenOverBy: isTaken ? row.text(9) : "", takenOverUntil: isTaken ? until : 0, bot: remark?.note,
            unheardVoice: Int(row.integer(20)), troubled: Int(row.integer(12)), proposals: Int(row.integer(13)),
            tasksDue: Int(row.integer(14)), isPractice: row.integer(15) != 0, newestItem: row.integer(16),
            newDevices: Self.some(row.integer(17)), held: Self.some(row.integer(18)),
            person: try row.integer(19) == 0 ? nil : link(of: row.integer(1), id, person: row.integer(19)),
            voiceSince: row.integer(21) == 0 ? nil : row.integer(21))
    }

    private static func some(_ count: Int64) -> Int? { count == 0 ? nil : Int(count) }

    /// What the bot noted last; damaged, it costs the row nothing else.
    private func opened(_ sealed: UnsafeRawBufferPointer, on conversation: Int64) -> BotRemark? {
        if sealed.isEmpty { return nil }
        if let known = remarks?.remark(on: conversation, sealed: sealed) { return known }
        let bytes = [UInt8](sealed)
        guard let opened = try? key.open(bytes, in: BotRemark.field(conversation)),
            let remark = try? BotRemark(bytes: opened)
        else { return nil }
        remarks?.add(remark, on: conversation, sealed: bytes)
        return remark
    }

    /// One line. Throws `notFound`.
    func row(of conversation: Int64) throws -> InboxRow {
        var found: InboxRow?
        try db.read(Self.oneRow, [.integer(today), .integer(conversation)]) {
            found = try row($0)
            return false
        }
        guard let found else { throw Refusal.noConversation }
        return found
    }

    private static let oneRow = """
        SELECT \(rowColumns) FROM conversation JOIN address ON address.id = conversation.address_id
        WHERE conversation.id = ?2
        """
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
