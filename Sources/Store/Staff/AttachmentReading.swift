import Foundation
import GRDB
import Sealing
import StaffProtocol

/// Files of messages, for staff.
extension StoreStaffService {
    public func attachment(_ id: Int64, for viewer: Viewer) async throws -> AttachmentPage {
        let scope = try scope(viewer, .getAttachment)
        return try readPage { try $0.attachmentPage(id, scope) }
    }

    public func attachmentFile(_ id: Int64, for viewer: Viewer) async throws -> AttachmentFile {
        let scope = try scope(viewer, .getAttachmentContent)
        let (info, token) = try readPage { reader in
            // Whoever may not see the message may not have its file.
            _ = try reader.attachmentPage(id, scope)
            return try reader.attachmentRow(id)
        }
        guard ["fetched", "uploading", "uploaded"].contains(info.state) else {
            throw APIError(.refused, "the bridge does not have this file (\(info.state))")
        }
        let path = writer.attachments.file(token)
        let found = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int64
        guard let size = found, size == info.size else {
            throw APIError(.refused, "this file is missing from the bridge's disk, or is not whole there")
        }
        // On the disk before anything is served.
        try await write {
            try $0.audit("attachment-served", subject: id, actor: viewer.member.rawValue, amount: size)
        }
        return AttachmentFile(path: path, size: size)
    }

    public func setHeard(_ id: Int64, _ request: HeardRequest, _ call: Call) async throws -> AttachmentInfo {
        try await change(
            call, .setHeard, target: id,
            of: { reader, scope in try reader.attachmentPage(id, scope).item.conversation }
        ) { transaction, reader, _ in
            let (info, _) = try reader.attachmentRow(id)
            guard info.kind == "voice" else { throw APIError(.refused, "only voice notes are heard") }
            try transaction.setHeard(attachment: id, request.heard ? call.viewer.member.rawValue : nil)
            return try reader.attachmentRow(id).info
        }
    }
}

extension Transaction {
    /// - Parameter member: who heard it; `nil`: it is to be heard again. The first who heard it stays noted.
    fileprivate func setHeard(attachment id: Int64, _ member: String?) throws {
        let db = try db()
        if let member {
            try db.run(
                "UPDATE attachment SET heard_at = ?, heard_by = ? WHERE id = ? AND heard_at = 0",
                [now.milliseconds, member, id])
        } else {
            try db.run("UPDATE attachment SET heard_at = 0, heard_by = '' WHERE id = ? AND heard_at > 0", [id])
        }
        guard db.changesCount > 0 else { return }
        let conversation = try db.integer("SELECT conversation_id FROM attachment WHERE id = ?", [id])
        if let conversation { try countVoice(conversation) }
        try tellOfAttachment(id)
        try audit(member == nil ? "attachment-unheard" : "attachment-heard", subject: id, actor: member ?? "")
    }
}

extension StaffReader {
    private static let columns =
        "id, kind, state, size, attempts, failure, heard_at, heard_by, message_id, token, conversation_id, position"

    private static func info(_ row: borrowing Columns) -> AttachmentInfo {
        AttachmentInfo(
            id: row.integer(0), kind: row.text(1), state: row.text(2), size: row.integer(3),
            attempts: Int(row.integer(4)), failure: row.text(5).isEmpty ? nil : row.text(5),
            heardAt: row.integer(6) == 0 ? nil : row.integer(6), heardBy: row.text(7).isEmpty ? nil : row.text(7))
    }

    /// Puts their files beside messages.
    func addAttachments(to items: inout [SealedItem]) throws {
        let messages = items.filter { $0.kind == .message }.map(\.id)
        guard !messages.isEmpty else { return }
        var found: [Int64: AttachmentInfo] = [:]
        try db.read(
            "SELECT \(Self.columns) FROM attachment WHERE message_id IN (SELECT value FROM json_each(?))",
            [.text("[" + messages.map(String.init).joined(separator: ",") + "]")]
        ) { row in
            found[row.integer(8)] = Self.info(row)
            return true
        }
        guard !found.isEmpty else { return }
        for index in items.indices where items[index].kind == .message {
            items[index].attachment = found[items[index].id]
        }
    }

    /// Throws `notFound`.
    func attachmentRow(_ id: Int64) throws -> (info: AttachmentInfo, token: String) {
        var found: (AttachmentInfo, String)?
        try db.read("SELECT \(Self.columns) FROM attachment WHERE id = ? AND message_id > 0", [.integer(id)]) { row in
            found = (Self.info(row), row.text(9))
            return false
        }
        guard let found else { throw Refusal.noAttachment }
        return found
    }

    /// The message of an attachment. Throws `notFound`, also when it is not for this viewer.
    func attachmentPage(_ id: Int64, _ scope: Scope) throws -> AttachmentPage {
        let row = try db.row(
            """
            SELECT attachment.conversation_id, attachment.position, conversation.contact_id
            FROM attachment JOIN conversation ON conversation.id = attachment.conversation_id
            WHERE attachment.id = ? AND attachment.message_id > 0
            """, [id])
        guard let row else { throw Refusal.noAttachment }
        do {
            try requireVisible(row[0], scope)
        } catch let error as APIError where error.code == .notFound {
            throw Refusal.noAttachment
        }
        let found = try items(
            where: "item.position = ? AND item.stored_at >= ?", [.integer(row[1]), .integer(servedSince(scope))],
            order: .ascending, limit: 1)
        guard var item = found.items.first, let segment = found.segments.first else { throw Refusal.noAttachment }
        item.attachment = try attachmentRow(id).info
        return AttachmentPage(item: item, segment: segment, contact: row[2])
    }
}

extension Refusal {
    static let noAttachment = APIError(
        .notFound, "there is no such attachment, or it is not for you: check its number")
}
