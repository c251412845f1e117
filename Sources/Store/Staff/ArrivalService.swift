import ArrivalWords
import Foundation
import GRDB
import StaffProtocol

/// The cards that staff give, and who is one person.
extension StoreStaffService {
    public func arrivalWords(_ conversation: Int64, for viewer: Viewer) async throws -> ArrivalWordsStatus {
        let scope = try scope(viewer, .getArrivalWords)
        return try await read { reader in
            try reader.requireVisible(conversation, scope)
            return try reader.arrivalWords(conversation)
        }
    }

    public func setArrivalWords(
        _ conversation: Int64, _ request: ArrivalWordsRequest, _ call: Call
    ) async throws -> ArrivalWordsStatus {
        let code = request.code.flatMap { ArrivalCode(canonical: $0) }
        guard request.action != .give || code != nil else {
            throw APIError(.refused, "code: it is no six words of the list, and no ten digits as they are drawn")
        }
        return try await change(call, .setArrivalWords, target: conversation, of: Self.seen(conversation)) {
            transaction, reader, _ in
            let (row, member) = (try reader.row(of: conversation), call.viewer.member.rawValue)
            guard !row.isPractice else { throw APIError(.refused, "a practice contact has no card") }
            switch (request.action, code) {
            case (.give, let code?):
                guard try transaction.giveCard(code, to: row.contact, by: member) else {
                    throw APIError(.refused, "these words cannot be given: draw others")
                }
                try transaction.audit("arrival-words-given", subject: conversation, actor: member)
            case (.revoke, _), (.give, nil):
                try transaction.revokeCards(of: transaction.person(of: row.contact))
                try transaction.audit("arrival-words-revoked", subject: conversation, actor: member)
            case (.resetTries, _):
                try transaction.db().run("DELETE FROM arrival_try WHERE conversation_id = ?", [conversation])
                try transaction.audit("arrival-tries-reset", subject: conversation, actor: member)
            }
            return try reader.arrivalWords(conversation)
        }
    }

    public func setPerson(_ conversation: Int64, _ request: PersonRequest, _ call: Call) async throws -> InboxRow {
        try await change(call, .setPerson, target: conversation, of: Self.seen(conversation)) {
            transaction, reader, scope in
            let (row, member) = (try reader.row(of: conversation), call.viewer.member.rawValue)
            let isDone: Bool
            switch request.action {
            case .link:
                let other = request.of ?? 0
                try reader.requireVisible(other, scope)
                isDone = try transaction.link(row, to: reader.row(of: other), by: member)
            case .unlink: isDone = try transaction.unlink(row.contact)
            case .recognise: isDone = try transaction.recognise(row.contact, by: member)
            }
            guard isDone else {
                throw APIError(.refused, "this conversation was not joined to another: see the number of the later one")
            }
            try transaction.audit(Self.word(request.action), subject: conversation, actor: member)
            return try reader.row(of: conversation)
        }
    }

    /// For `change`: a conversation that the viewer may see.
    private static func seen(_ conversation: Int64) -> @Sendable (StaffReader, Scope) throws -> Int64 {
        { reader, scope in
            try reader.requireVisible(conversation, scope)
            return conversation
        }
    }

    private static func word(_ action: PersonRequest.Action) -> String {
        switch action {
        case .link: "person-linked"
        case .unlink: "person-unlinked"
        case .recognise: "person-recognised"
        }
    }
}

extension Transaction {
    /// Staff say that two conversations are one person's.
    fileprivate func link(_ row: InboxRow, to other: InboxRow, by member: String) throws -> Bool {
        guard !row.isPractice, !other.isPractice else {
            throw APIError(.refused, "a practice contact is nobody else")
        }
        let (mine, theirs) = (try person(of: row.contact), try person(of: other.contact))
        guard mine != theirs else { throw APIError(.refused, "these are one person's already") }
        guard mine == row.contact else {
            throw APIError(.refused, "this conversation is joined to another person's: take that back first")
        }
        try link(row.contact, to: theirs, .staff, by: member)
        return true
    }
}

extension StaffReader {
    fileprivate func arrivalWords(_ conversation: Int64) throws -> ArrivalWordsStatus {
        let card = try db.row(
            """
            SELECT form, made_at, made_by, expires_at, used_at, exposed_at FROM arrival_card WHERE contact_id IN
                (SELECT contact_id FROM conversation WHERE id IN (SELECT value FROM json_each(?)))
            ORDER BY made_at DESC LIMIT 1
            """, ["[" + samePerson(conversation).map(String.init).joined(separator: ",") + "]"])
        let tries =
            try db.integer(
                "SELECT count(*) FROM arrival_try WHERE conversation_id = ?", [conversation]) ?? 0
        return ArrivalWordsStatus(
            conversation: conversation, form: card?[0] ?? "", madeAt: card?[1] ?? 0, madeBy: card?[2] ?? "",
            expiresAt: card?[3] ?? 0, usedAt: card?[4] ?? 0, exposedAt: card?[5] ?? 0, tries: Int(tries),
            isBlocked: tries >= ArrivalLimits.triesOfAddress)
    }
}
