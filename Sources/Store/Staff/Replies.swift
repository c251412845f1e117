import Foundation
import GRDB
import Messaging
import Sealing
import StaffProtocol

/// Words of staff to a contact.
extension StoreStaffService {
    public func reply(_ conversation: Int64, _ request: ReplyRequest, _ call: Call) async throws -> Created {
        _ = try scope(call.viewer, .reply)
        try Self.check(request)
        let isReleased =
            call.viewer.role == .intern && request.proposal == nil
            && ports.isReleasedText(request.text, request.topic)
        let (created, channel) = try await write { transaction in
            let created = try transaction.onceForGood(call, in: conversation) {
                try transaction.reply(
                    to: conversation, request, of: call.viewer, isReleased: isReleased,
                    scope: Scope(call.viewer, .reply))
            }
            return (created, try transaction.channel(of: conversation))
        }
        if let channel { await ports.wake(channel) }
        return created
    }

    private static func check(_ request: ReplyRequest) throws {
        guard request.text.contains(where: { !$0.isWhitespace }) else {
            throw APIError(.malformed, "text: it is empty")
        }
        guard request.text.count <= ReplyRequest.limit, request.text.utf8.count <= ReplyRequest.limit * 8 else {
            throw APIError(.tooLarge, "text: longer than \(ReplyRequest.limit) characters; send it in parts")
        }
        // No channel carries them (XML 1.0 §2.2).
        guard request.text.unicodeScalars.allSatisfy({ $0.value >= 0x20 || "\t\n\r".unicodeScalars.contains($0) })
        else {
            throw APIError(.malformed, "text: it holds a control character")
        }
        guard (request.topic ?? "").utf8.count <= 64, (request.variety ?? "").utf8.count <= 16 else {
            throw APIError(.malformed, "topic, variety: longer than any there is")
        }
    }
}

extension Transaction {
    fileprivate func channel(of conversation: Int64) throws -> ChannelID? {
        try db().row(
            """
            SELECT address.channel FROM conversation JOIN address ON address.id = conversation.address_id
            WHERE conversation.id = ?
            """, [conversation]
        ).map { ChannelID(rawValue: $0[0]) }
    }

    fileprivate func reply(
        to id: Int64, _ request: ReplyRequest, of viewer: Viewer, isReleased: Bool, scope: Scope
    ) throws -> Created {
        let reader = try reader()
        try reader.requireVisible(id, scope)
        let member = viewer.member.rawValue
        try refuseCrossing(id, seen: request.seen, member)
        // Whose words they are; that they went out is the doing of whoever sends them.
        var author = member
        if let proposal = request.proposal {
            author = try approve(proposal, in: id, request, by: viewer)
        } else if viewer.role == .intern, !isReleased, try !reader.settings(of: member).repliesAlone,
            // Nothing of practice leaves: here everyone may make mistakes.
            try !reader.row(of: id).isPractice
        {
            throw APIError(
                .needsSecondPerson,
                "a reply that you wrote or changed needs a second person: send it as a proposal, and a colleague approves"
            )
        }
        let state = try replyState(of: id, inTheClear: request.inTheClear ?? false)
        let reply = try addIntentItem(
            MessageRecord(
                text: request.text, direction: .outgoing, author: .staff, sentAt: now, receivedAt: now,
                channel: state.channel, protection: state.protection, language: request.variety, topic: request.topic,
                member: author),
            cause: 0, in: state.conversation, by: member)
        try noteReply(id, seen: request.seen)
        let kind = request.proposal == nil ? "reply" : "reply-approved"
        // That it went out readable is somebody's decision.
        let isReadable = state.protection == .none && !state.isPractice
        try audit(isReadable ? kind + "-in-the-clear" : kind, subject: reply.id, actor: member)
        if state.protection == .none { return Created(id: reply.id, position: reply.position) }
        return try created(reply, in: id)
    }

    /// What is answered about a reply that leaves encrypted: it is held while a device awaits a decision.
    func created(_ reply: (id: Int64, position: Int64), in conversation: Int64) throws -> Created {
        guard try reader().row(of: conversation).newDevices != nil else {
            return Created(id: reply.id, position: reply.position)
        }
        // It stays in somebody's sight until it has gone.
        try setWaiting(conversation)
        return Created(id: reply.id, position: reply.position, held: "new-device")
    }

    /// Two people on one conversation: what the other wrote must have been seen.
    func refuseCrossing(_ conversation: Int64, seen: Int64, _ member: String) throws {
        let crossing = try db().row(
            """
            SELECT position, author FROM item
            WHERE conversation_id = ? AND position > ? AND kind = 'message' AND author NOT IN ('', ?)
            ORDER BY position DESC LIMIT 1
            """, [conversation, seen, member])
        guard let crossing else { return }
        let (position, author): (Int64, String) = (crossing[0], crossing[1])
        throw APIError(
            .conflict, "\(author) wrote to this contact in the meantime: read it, then send again",
            current: String(position))
    }

    /// Closes the proposal as approved.
    ///
    /// - Returns: whose words they are: its author's when they are those that were proposed, otherwise those of the
    ///   one who sends them.
    private func approve(
        _ id: Int64, in conversation: Int64, _ request: ReplyRequest, by viewer: Viewer
    ) throws -> String {
        guard let entry = try reader().entryRow(id), entry["kind"] == "proposal",
            entry["conversation_id"] == conversation
        else { throw Refusal.noEntry }
        let author: String = entry["author"]
        // Who practises is their own colleague: nothing leaves, and nobody must sit beside them.
        let isPractice = try reader().row(of: conversation).isPractice
        guard isPractice || author != viewer.member.rawValue else {
            throw APIError(.needsSecondPerson, "a colleague approves what you propose, not you yourself")
        }
        let isUnchanged = try isProposed(request, entry)
        if viewer.role == .intern, !isPractice {
            let settings = try reader().settings(of: viewer.member.rawValue)
            guard let variety = request.variety, settings.experiencedIn.contains(variety) else {
                throw APIError(
                    .forbidden, "you are not marked as experienced in the language of this reply: ask a coordinator")
            }
            guard isUnchanged else {
                throw APIError(
                    .needsSecondPerson,
                    "these are not the words that \(author) proposed: an intern approves those and no others")
            }
        }
        try close(entry, as: "approved", by: viewer.member.rawValue)
        return isUnchanged ? author : viewer.member.rawValue
    }

    /// Whether these are the words of a proposal. Of one whose language was not said, whoever sends it may say it.
    private func isProposed(_ request: ReplyRequest, _ entry: Row) throws -> Bool {
        let proposed = entry.bytes("words")
        guard !proposed.isEmpty else { return false }
        return [request.variety, nil].contains {
            wordsHash(NewEntry.words(of: request.text, in: $0), token: entry["token"]) == proposed
        }
    }

    /// What a proposal keeps of its words. Keyed, because words can be guessed; bound to the proposal.
    func wordsHash(_ words: Data, token: Data) -> [UInt8] {
        state.workingKey.lookup([UInt8](token) + [UInt8](words), purpose: "proposed-words")
    }

    struct ReplyState {
        let conversation: Conversation
        let channel: ChannelID
        let protection: Protection
        let isPractice: Bool
    }

    /// - Parameter inTheClear: whoever sends knows that it can be read on its way, and means it.
    func replyState(of id: Int64, inTheClear: Bool) throws -> ReplyState {
        let row = try db().row(
            """
            SELECT conversation.contact_id, address.channel, conversation.protection, conversation.was_encrypted,
                conversation.is_practice
            FROM conversation JOIN address ON address.id = conversation.address_id WHERE conversation.id = ?
            """, [id])
        guard let row else { throw Refusal.noConversation }
        let (last, wasEncrypted, isPractice): (String, Bool, Bool) = (row[2], row[3], row[4])
        let isClear = last == Protection.none.rawValue
        if isClear, wasEncrypted {
            throw APIError(
                .refused,
                "the contact's last message came without encryption, earlier ones with it: a reply would be readable "
                    + "on its way. Wait until they write encrypted again")
        }
        // Nothing of practice leaves.
        if isClear, !isPractice, !inTheClear {
            throw APIError(
                .notEncrypted,
                "this contact never wrote encrypted: every server on the way could read the reply, so it was not sent. "
                    + "Whoever sends it must say that it may go in the clear")
        }
        return ReplyState(
            conversation: Conversation(
                id: ConversationID(id), contact: ContactID(row[0]), isNew: false, dialogue: [], isTakenOver: false),
            channel: ChannelID(rawValue: row[1]), protection: isClear ? .none : .endToEnd, isPractice: isPractice)
    }

    /// A word of staff: it is tried at once, a take-over goes on, and nobody waits, unless for
    /// something unseen.
    func noteReply(_ id: Int64, seen: Int64) throws {
        try db().run("UPDATE conversation SET outbox_not_before = 0 WHERE id = ? AND outbox_not_before > 0", [id])
        try db().run(
            "UPDATE conversation SET taken_over_until = ? WHERE id = ? AND taken_over_until > ?",
            [now.milliseconds + TakeoverRequest.lifetime * 1000, id, now.milliseconds])
        // What failed, and was not seen either, is still for somebody to see.
        let troubled = try troubled(id, after: seen)
        try db().run(
            """
            UPDATE conversation SET danger_since = 0, troubled = ?1,
                waits_since = CASE WHEN ?1 > 0 THEN waits_since ELSE 0 END
            WHERE id = ?2 AND newest_in <= ?3
            """, [troubled, id, seen])
        try addEvent(.conversation, conversation: id)
    }
}
