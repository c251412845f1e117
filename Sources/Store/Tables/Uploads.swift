import Foundation
import GRDB
import Messaging
import Sealing

/// A file of staff that is to be laid down for its contact.
public struct UploadJob: Sendable {
    public let id: Int64
    public let token: String
    /// What the server is told: random, with the ending of its kind.
    public let name: String
    /// Bytes, sealed.
    public let size: Int64
    public let attempts: Int
}

extension Transaction {
    /// Files to be laid down now. While one waits, what was written after it waits too.
    public func dueUploads(limit: Int) throws -> [UploadJob] {
        try db().rows(
            """
            SELECT id, token, source, size, attempts FROM attachment
            WHERE state = 'uploading' AND not_before <= ? ORDER BY not_before, id LIMIT ?
            """, [now.milliseconds, limit]
        ).compactMap { row in
            let token: String = row["token"]
            do {
                let source = try AttachmentSource(bytes: open(row.bytes("source"), in: AttachmentSource.field(token)))
                return UploadJob(
                    id: row["id"], token: token, name: source.url, size: row["size"], attempts: row["attempts"])
            } catch {
                try failUpload(row["id"], as: "failed", failure: "damaged")
                return nil
            }
        }
    }

    /// When the next file is due that waits; `nil` for none.
    public func nextUpload() throws -> Date? {
        try db().row(
            "SELECT MIN(not_before) AS due FROM attachment WHERE state = 'uploading' AND not_before > ?",
            [now.milliseconds]
        ).flatMap { row in (row["due"] as Int64?).map(Date.init(milliseconds:)) }
    }

    /// The file lies there: its message may leave, with the address and what opens it (XEP-0454 §3).
    ///
    /// - Parameter url: `https://…`, without a fragment.
    /// - Returns: whether a message waited for it.
    @discardableResult
    public func setUploaded(_ id: Int64, at url: String) throws -> Bool {
        let db = try db()
        let row = try db.row(
            """
            SELECT attachment.token, attachment.source, attachment.message_id, outbox.origin_id FROM attachment
            JOIN outbox ON outbox.message_id = attachment.message_id
            WHERE attachment.id = ? AND attachment.state = 'uploading' AND outbox.stage = 'intent'
            """, [id])
        guard let row else { return false }
        let token: String = row["token"]
        let source = try AttachmentSource(bytes: open(row.bytes("source"), in: AttachmentSource.field(token)))
        guard let secret = source.secret else { throw StoreError.damagedField(table: "attachment", column: "source") }
        let fragment = (secret.nonce + secret.key).map { String(format: "%02x", $0) }.joined()
        let text = "aesgcm://\(url.dropFirst("https://".count))#\(fragment)"
        let message: Int64 = row["message_id"]
        let sealed = try seal(Array(text.utf8), in: Self.outboxText(row["origin_id"]))
        try db.run("UPDATE outbox SET text = ? WHERE message_id = ? AND stage = 'intent'", [sealed.data, message])
        try db.run("UPDATE attachment SET state = 'uploaded', failure = '', source = x'' WHERE id = ?", [id])
        try tellOfAttachment(id)
        return true
    }

    /// It could not be laid down, and is tried again.
    public func putOffUpload(_ id: Int64, failure: String, until date: Date) throws {
        try db().run(
            "UPDATE attachment SET attempts = attempts + 1, failure = ?, not_before = ? WHERE id = ? AND state = 'uploading'",
            [failure, date.milliseconds, id])
        try tellOfAttachment(id)
    }

    /// It cannot be laid down: its message fails, and what was written after it goes on.
    public func failUpload(_ id: Int64, as state: String, failure: String) throws {
        let outbox = try db().integer(
            """
            SELECT outbox.id FROM attachment JOIN outbox ON outbox.message_id = attachment.message_id
            WHERE attachment.id = ? AND attachment.message_id > 0 AND outbox.stage = 'intent'
            """, [id])
        try giveUp(attachment: id, as: state, failure: failure)
        if let outbox { try setFailed(OutboxID(outbox), code: failure) }
    }

    /// Files of staff whose message was never sent.
    public func forgetStagedAttachments() throws {
        try db().run(
            "DELETE FROM attachment WHERE state = 'staged' AND message_id = 0 AND stored_at < ?",
            [now.milliseconds - 86_400_000])
    }
}
