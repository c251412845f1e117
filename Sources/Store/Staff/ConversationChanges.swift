import Foundation
import GRDB
import Sealing
import StaffProtocol

/// Who has a conversation, and whether somebody must look.
extension StoreStaffService {
    public func assign(_ conversation: Int64, _ request: AssignmentRequest, _ call: Call) async throws -> InboxRow {
        _ = try scope(call.viewer, .assign)
        if !request.member.isEmpty { try await requireMember(request.member, with: .getConversation) }
        return try await change(call, .assign, target: conversation) { transaction, reader, scope in
            try reader.requireVisible(conversation, scope)
            let row = try reader.row(of: conversation)
            guard row.assigned == request.from else {
                let holder = row.assigned.isEmpty ? "nobody" : row.assigned
                throw APIError(
                    .conflict, "\(holder) has this conversation now, not who you thought", current: row.assigned)
            }
            guard try request.member.isEmpty || !reader.isHidden(conversation, from: request.member) else {
                throw APIError(.refused, "\(request.member) cannot be given this conversation: choose somebody else")
            }
            try transaction.assign(conversation, to: request.member, from: row.assigned)
            try transaction.audit("assigned", subject: conversation, actor: call.viewer.member.rawValue)
            return try reader.row(of: conversation)
        }
    }

    public func takeOver(_ conversation: Int64, _ request: TakeoverRequest, _ call: Call) async throws -> InboxRow {
        try await change(call, .takeOver, target: conversation) { transaction, reader, scope in
            try reader.requireVisible(conversation, scope)
            let member = call.viewer.member.rawValue
            let holder = try reader.row(of: conversation).takenOverBy
            guard holder.isEmpty || holder == member || request.force else {
                throw APIError(
                    .conflict, "\(holder) has taken this conversation over: ask them, or take it with force",
                    current: holder)
            }
            try transaction.setTakeover(conversation, by: request.taken ? member : "")
            try transaction.audit(request.taken ? "taken-over" : "handed-back", subject: conversation, actor: member)
            return try reader.row(of: conversation)
        }
    }

    public func setAttention(_ conversation: Int64, _ request: AttentionRequest, _ call: Call) async throws -> InboxRow
    {
        try await change(call, .setAttention, target: conversation) { transaction, reader, scope in
            try reader.requireVisible(conversation, scope)
            if request.waits {
                try transaction.setWaiting(conversation)
            } else {
                let newest = try reader.db.integer(
                    "SELECT newest_in FROM conversation WHERE id = ?", [conversation])
                if let newest, newest > request.seen {
                    throw APIError(
                        .conflict, "the contact wrote something that you have not seen: read it first",
                        current: String(newest))
                }
                try transaction.setRead(conversation)
            }
            let kind = request.waits ? "to-be-read" : "read"
            try transaction.audit(kind, subject: conversation, actor: call.viewer.member.rawValue)
            return try reader.row(of: conversation)
        }
    }

    public func hide(_ conversation: Int64, _ call: Call) async throws -> Done {
        try await change(call, .hide, target: conversation) { transaction, reader, scope in
            try reader.requireVisible(conversation, scope)
            try transaction.hide(conversation, from: call.viewer.member.rawValue, in: reader)
            return Done()
        }
    }

    /// Throws `refused` unless the roster has the member, in a role that may use `endpoint`.
    func requireMember(_ member: String, with endpoint: Endpoint) async throws {
        guard let id = MemberID(rawValue: member), let role = await ports.roles()[id] else {
            throw APIError(.refused, "'\(member)' is not in the roster: see 'sila staff list'")
        }
        guard role.access(to: endpoint) != .none else {
            throw APIError(.refused, "\(member) is \(role.rawValue), who are not given conversations")
        }
    }
}

extension Transaction {
    fileprivate func assign(_ conversation: Int64, to member: String, from holder: String) throws {
        try db().run("UPDATE conversation SET assigned_to = ? WHERE id = ?", [member, conversation])
        // Whoever loses it is told, although they may no longer see it.
        try addEvent(.conversation, conversation: conversation, member: holder)
    }

    fileprivate func setTakeover(_ conversation: Int64, by member: String) throws {
        let until = member.isEmpty ? 0 : now.milliseconds + TakeoverRequest.lifetime * 1000
        try db().run(
            "UPDATE conversation SET taken_over_by = ?, taken_over_until = ? WHERE id = ?",
            [member, until, conversation])
        try addEvent(.conversation, conversation: conversation)
    }

    fileprivate func setRead(_ conversation: Int64) throws {
        try db().run(
            "UPDATE conversation SET waits_since = 0, danger_since = 0, troubled = 0 WHERE id = ?", [conversation])
        try addEvent(.conversation, conversation: conversation)
    }

    /// The audit line names no conversation: nobody is to read from it who knows whom.
    fileprivate func hide(_ conversation: Int64, from member: String, in reader: StaffReader) throws {
        try db().run(
            "INSERT OR IGNORE INTO hidden (hash) VALUES (?)", [reader.hiddenHash(member, conversation).data])
        try db().run(
            """
            UPDATE conversation SET assigned_to = '',
                taken_over_until = CASE WHEN taken_over_by = ?1 THEN 0 ELSE taken_over_until END,
                taken_over_by = CASE WHEN taken_over_by = ?1 THEN '' ELSE taken_over_by END
            WHERE id = ?2
            """, [member, conversation])
        try db().run(
            "UPDATE entry SET assignee = '' WHERE conversation_id = ? AND assignee = ? AND closed_at = 0",
            [conversation, member])
        try addEvent(.conversation, conversation: conversation, member: member)
        // It has nobody now: somebody must look who takes it on.
        try setWaiting(conversation)
        try audit("hidden", subject: 0, actor: member)
    }

    /// Everything open of one member goes to another: conversations and tasks; take-overs end.
    ///
    /// - Parameters:
    ///   - to: empty for nobody.
    ///   - actor: who decided.
    public func reassignWork(from: String, to: String, actor: String) throws {
        let db = try db()
        let reader = try reader()
        let held = try db.rows(
            "SELECT id, taken_over_by FROM conversation WHERE assigned_to = ? OR taken_over_by = ?", [from, from])
        for row in held {
            let id: Int64 = row[0]
            let takes = try to.isEmpty || !reader.isHidden(id, from: to)
            try db.run(
                """
                UPDATE conversation SET assigned_to = CASE WHEN assigned_to = ?1 THEN ?2 ELSE assigned_to END,
                    taken_over_until = CASE WHEN taken_over_by = ?1 THEN 0 ELSE taken_over_until END,
                    taken_over_by = CASE WHEN taken_over_by = ?1 THEN '' ELSE taken_over_by END
                WHERE id = ?3
                """, [from, takes ? to : "", id])
            try addEvent(.conversation, conversation: id, member: from)
            try audit("assigned", subject: id, actor: actor)
        }
        let tasks = try db.rows(
            "SELECT id, conversation_id, position FROM entry WHERE kind = 'task' AND closed_at = 0 AND assignee = ?",
            [from])
        for row in tasks {
            try db.run("UPDATE entry SET assignee = ? WHERE id = ?", [to, row[0] as Int64])
            try addEvent(.itemChanged, conversation: row[1], position: row[2], member: from)
            try audit("task-reassigned", subject: row[0], actor: actor)
        }
    }
}
