import Foundation
import GRDB
import Messaging
import Sealing
import StaffProtocol

/// Files of staff to a contact.
extension StoreStaffService {
    public func addAttachment(_ conversation: Int64, _ content: [UInt8], _ call: Call) async throws -> Created {
        guard content.count > AttachmentSecret.tagCount, content.count <= NewAttachment.limit else {
            throw APIError(.tooLarge, "a file may have 17 to \(NewAttachment.limit) bytes, sealed")
        }
        let size = Int64(content.count)
        let created = try await change(
            call, .addAttachment, target: conversation,
            of: { reader, scope in
                try reader.requireVisible(conversation, scope)
                return conversation
            }
        ) { transaction, reader, _ in
            try transaction.requireFilesGo(to: conversation)
            return Created(id: try transaction.stageAttachment(in: conversation, size: size), position: 0)
        }
        // The row before the file: a file without one is removed. The same call again writes the same bytes.
        let token = try await read { try $0.stagedToken(created.id) }
        if let token { try writer.attachments.write(content, to: token) }
        return created
    }

    public func sendAttachment(_ id: Int64, _ request: NewAttachment, _ call: Call) async throws -> Created {
        let secret = AttachmentSecret(key: Array(request.key), nonce: Array(request.nonce))
        guard let secret, let kind = AttachmentKind(rawValue: request.kind) else {
            throw APIError(.malformed, "key, nonce, kind: not as documented")
        }
        let scope = try scope(call.viewer, .sendAttachment)
        let created = try await write { transaction in
            let conversation = try transaction.reader().stagedConversation(id, scope)
            return try transaction.onceForGood(call, in: conversation) {
                try transaction.sendAttachment(
                    id, in: conversation, request,
                    AttachmentRecord(kind: kind, name: request.name, url: "", secret: secret),
                    of: call.viewer)
            }
        }
        await ports.wake(.xmpp)
        return created
    }
}

extension AttachmentFolder {
    func write(_ content: [UInt8], to token: String) throws {
        let descriptor = try begin(token)
        defer { close(descriptor) }
        do {
            try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: Data(content))
        } catch {
            discard(token)
            throw APIError(.unavailable, "the bridge's disk takes nothing now: try again, and see 'sila doctor'")
        }
        try keep(token, descriptor)
    }
}

extension StaffReader {
    /// `nil` once its message was written.
    fileprivate func stagedToken(_ id: Int64) throws -> String? {
        try db.row("SELECT token FROM attachment WHERE id = ? AND state = 'staged'", [id])?[0]
    }

    /// Throws `notFound`.
    fileprivate func stagedConversation(_ id: Int64, _ scope: Scope) throws -> Int64 {
        let found = try db.integer(
            "SELECT conversation_id FROM attachment WHERE id = ? AND direction = 'out'", [id])
        guard let found else { throw Refusal.noAttachment }
        do {
            try requireVisible(found, scope)
        } catch let error as APIError where error.code == .notFound {
            throw Refusal.noAttachment
        }
        return found
    }
}

extension Transaction {
    fileprivate func stageAttachment(in conversation: Int64, size: Int64) throws -> Int64 {
        try db().insert(
            """
            INSERT INTO attachment (conversation_id, direction, kind, state, token, source, size, stored_at)
            VALUES (?, 'out', 'document', 'staged', ?, x'', ?, ?)
            """, [conversation, AttachmentFolder.newToken(), size, now.milliseconds])
    }

    /// Throws `refused` where no file goes: a channel without them, or a contact to whom nothing is encrypted.
    fileprivate func requireFilesGo(to conversation: Int64) throws {
        // It may not, whatever is meant: that is said below, in other words than those about a reply.
        let state = try replyState(of: conversation, inTheClear: true)
        guard state.channel == .xmpp else {
            throw APIError(.refused, "no file can be sent there: a practice contact takes none")
        }
        guard state.protection == .endToEnd else {
            throw APIError(.refused, "the contact writes without encryption: a file would be readable on its way")
        }
    }

    fileprivate func sendAttachment(
        _ id: Int64, in conversation: Int64, _ request: NewAttachment, _ record: AttachmentRecord, of viewer: Viewer
    ) throws -> Created {
        try requireFilesGo(to: conversation)
        let member = viewer.member.rawValue
        try refuseCrossing(conversation, seen: request.seen, member)
        if viewer.role == .intern, try !reader().settings(of: member).repliesAlone {
            throw APIError(
                .forbidden, "a file of yours needs a colleague: ask one to send it")
        }
        let row = try db().row("SELECT token, state FROM attachment WHERE id = ?", [id])
        guard let row, row["state"] == "staged" else { throw APIError(.refused, "this file was sent already") }
        let token: String = row["token"]
        let state = try replyState(of: conversation, inTheClear: false)
        let reply = try addIntentItem(
            MessageRecord(
                text: "", direction: .outgoing, author: .staff, sentAt: now, receivedAt: now, channel: state.channel,
                protection: .endToEnd, member: member, attachment: record),
            cause: 0, in: state.conversation, by: member)
        let ending = record.name.split(separator: ".").dropFirst().last.map { $0.lowercased() } ?? ""
        let isPlain =
            (1...8).contains(ending.utf8.count)
            && ending.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0)
            }
        // The server is told another name: its own token would be a way from its files to ours.
        let source = AttachmentSource(
            url: AttachmentFolder.newToken() + (isPlain ? ".\(ending)" : ".bin"), secret: record.secret)
        try db().run(
            """
            UPDATE attachment SET state = 'uploading', kind = ?, message_id = ?, position = ?, source = ?, not_before = 0
            WHERE id = ?
            """,
            [
                record.kind.rawValue, reply.id, reply.position,
                try seal(source.encoded(), in: AttachmentSource.field(token)).data, id,
            ])
        try noteReply(conversation, seen: request.seen)
        try audit("reply", subject: reply.id, actor: member)
        return try created(reply, in: conversation)
    }
}
