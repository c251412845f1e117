import Foundation
import GRDB
import Messaging
import Sealing

/// A file of a contact that is to be fetched.
public struct AttachmentJob: Sendable {
    public let id: Int64
    /// The name of its file.
    public let token: String
    /// `https://…`.
    public let url: String
    /// With what it is to be sealed before it is written: it lies there in the clear. `nil`: it is sealed already.
    public let secret: AttachmentSecret?
    /// Times that it was tried before.
    public let attempts: Int
}

extension Transaction {
    /// Seals a message with a file into the archive, and notes the file to be fetched: its address under the
    /// working key, its key in the record alone.
    ///
    /// - Parameters:
    ///   - reference: the earlier message that it is about.
    ///   - names: the ids by which later messages refer to it.
    /// - Returns: the message's row number.
    public func store(
        _ message: MessageRecord, carrying attachment: IncomingAttachment,
        referring reference: IncomingReference? = nil, names: [String] = [], in conversation: Conversation
    ) throws -> Int64 {
        // What lies in the clear is sealed as soon as it is here, with a key of ours.
        let secret = attachment.secret ?? .random()
        var message = message
        message.attachment = AttachmentRecord(
            kind: attachment.kind, name: attachment.name, url: attachment.url, secret: secret)
        message.reference = try reference.map { try resolve($0, in: conversation.id) }
        let item = try storeItem(message, in: conversation, by: "")
        try name(item.id, names, in: conversation.id)
        let token = AttachmentFolder.newToken()
        let source = AttachmentSource(url: attachment.url, secret: attachment.secret == nil ? secret : nil)
        try db().run(
            """
            INSERT INTO attachment (conversation_id, message_id, position, direction, kind, state, token, source, stored_at)
            VALUES (?, ?, ?, 'in', ?, 'waiting', ?, ?, ?)
            """,
            [
                conversation.id.rawValue, item.id, item.position, attachment.kind.rawValue, token,
                try seal(source.encoded(), in: AttachmentSource.field(token)).data, now.milliseconds,
            ])
        if attachment.kind == .voice { try countVoice(conversation.id.rawValue) }
        return item.id
    }

    /// Files to be fetched now, those that wait longest first.
    ///
    /// - Parameter busy: those that are being fetched.
    public func dueAttachments(leavingOut busy: Set<Int64>, limit: Int) throws -> [AttachmentJob] {
        let left = "[" + busy.map(String.init).joined(separator: ",") + "]"
        let rows = try db().rows(
            """
            SELECT id, token, source, attempts FROM attachment
            WHERE state = 'waiting' AND not_before <= ? AND id NOT IN (SELECT value FROM json_each(?))
            ORDER BY not_before, id LIMIT ?
            """, [now.milliseconds, left, limit])
        return try rows.compactMap { row in
            let token: String = row["token"]
            do {
                let source = try AttachmentSource(
                    bytes: open(row.bytes("source"), in: AttachmentSource.field(token)))
                return AttachmentJob(
                    id: row["id"], token: token, url: source.url, secret: source.secret, attempts: row["attempts"])
            } catch {
                try giveUp(attachment: row["id"], as: "failed", failure: "damaged")
                return nil
            }
        }
    }

    /// When the next file is due that waits; `nil` for none.
    public func nextAttachment() throws -> Date? {
        try db().row(
            "SELECT MIN(not_before) AS due FROM attachment WHERE state = 'waiting' AND not_before > ?",
            [now.milliseconds]
        ).flatMap { row in (row["due"] as Int64?).map(Date.init(milliseconds:)) }
    }

    /// The file is on the disk: where it lay is forgotten.
    ///
    /// - Returns: false when its contact was erased meanwhile.
    public func setFetched(attachment id: Int64, size: Int64) throws -> Bool {
        let db = try db()
        try db.run(
            """
            UPDATE attachment SET state = 'fetched', size = ?, failure = '', source = x''
            WHERE id = ? AND state = 'waiting'
            """, [size, id])
        guard db.changesCount > 0 else { return false }
        try tellOfAttachment(id)
        return true
    }

    /// It could not be had, and is tried again.
    public func putOff(attachment id: Int64, failure: String, until date: Date) throws {
        try db().run(
            """
            UPDATE attachment SET attempts = attempts + 1, failure = ?, not_before = ?
            WHERE id = ? AND state = 'waiting'
            """, [failure, date.milliseconds, id])
        try tellOfAttachment(id)
    }

    /// It cannot be had and is not tried again. Its address stays in the sealed record.
    ///
    /// - Parameter state: `failed` or `too-large`.
    public func giveUp(attachment id: Int64, as state: String, failure: String) throws {
        try db().run(
            "UPDATE attachment SET state = ?, failure = ?, attempts = attempts + 1, source = x'' WHERE id = ?",
            [state, failure, id])
        let conversation = try db().integer("SELECT conversation_id FROM attachment WHERE id = ?", [id])
        if let conversation { try setWaiting(conversation) }
        try tellOfAttachment(id)
        try audit("attachment-" + state, subject: id)
    }

    /// Staff look at its message again.
    func tellOfAttachment(_ id: Int64) throws {
        let row = try db().row("SELECT conversation_id, position FROM attachment WHERE id = ?", [id])
        guard let row else { return }
        try addEvent(.itemChanged, conversation: row[0], position: row[1])
    }

    /// Counts the voice notes of a conversation that nobody heard.
    func countVoice(_ conversation: Int64) throws {
        try db().run(
            """
            UPDATE conversation SET (unheard_voice, voice_since) = (
                SELECT count(*), ifnull(min(stored_at), 0) FROM attachment INDEXED BY attachment_unheard
                WHERE conversation_id = ?1 AND kind = 'voice' AND direction = 'in' AND heard_at = 0)
            WHERE id = ?1
            """, [conversation])
        try addEvent(.conversation, conversation: conversation)
    }
}

/// The field `attachment.source`: where a file lies, and with what it is to be sealed if it lies there in the clear.
struct AttachmentSource {
    let url: String
    let secret: AttachmentSecret?

    private static let format = "attachment source"

    init(url: String, secret: AttachmentSecret?) {
        self.url = url
        self.secret = secret
    }

    func encoded() -> [UInt8] {
        var writer = FieldWriter(version: 1)
        writer.add(1, url)
        if let secret {
            writer.add(2, secret.key)
            writer.add(3, secret.nonce)
        }
        return writer.bytes
    }

    init(bytes: [UInt8]) throws {
        let reader = try FieldReader(bytes, version: 1, format: Self.format, known: 1...3)
        url = try reader.string(1)
        guard reader.fields[2] != nil else {
            secret = nil
            return
        }
        guard let secret = AttachmentSecret(key: Array(try reader.bytes(2)), nonce: Array(try reader.bytes(3))) else {
            throw StoreError.damagedField(table: "attachment", column: "source")
        }
        self.secret = secret
    }

    static func field(_ token: String) -> Field {
        Field(table: "attachment", row: Array(token.utf8), column: "source")
    }
}
