import Foundation
import GRDB
import Sealing
import StaffProtocol

/// Who has a conversation, and whether somebody must look.
extension StoreStaffService {
    public func assign(_ conversation: Int64, _ request: AssignmentRequest, _ call: Call) async throws -> InboxRow {
        _ = try scope(call.viewer, .assign)
        if !request.member.isEmpty { try await requireMember(request.member, with: .getConversation) }
        let roles = await ports.roles()
        let changed = try await change(call, .assign, target: conversation, of: Self.visible(conversation)) {
            transaction, reader, _ in
            let row = try reader.row(of: conversation)
            guard row.assigned == request.from else {
                let holder = row.assigned.isEmpty ? "nobody" : row.assigned
                throw APIError(
                    .conflict, "\(holder) has this conversation now, not who you thought", current: row.assigned)
            }
            guard try request.member.isEmpty || !reader.isHidden(conversation, from: request.member) else {
                throw APIError(.refused, "\(request.member) cannot be given this conversation: choose somebody else")
            }
            try transaction.assign(
                conversation, to: request.member, from: row.assigned, losesSight: !Self.seesAll(row.assigned, roles))
            try transaction.audit(
                request.member.isEmpty ? "unassigned" : "assigned", subject: conversation,
                actor: call.viewer.member.rawValue, about: request.member)
            return try reader.row(of: conversation)
        }
        ports.botAnswersAgain()
        // They may have been dismissed while it was written: nothing stays with somebody who is gone.
        let now = await ports.roles()
        guard now != roles else { return changed }
        return try await write { transaction in
            try transaction.releaseWork(ofAllBut: now)
            return try transaction.reader().row(of: conversation)
        }
    }

    /// For `change`: a conversation that the viewer may see.
    private static func visible(_ conversation: Int64) -> @Sendable (StaffReader, Scope) throws -> Int64 {
        { reader, scope in
            try reader.requireVisible(conversation, scope)
            return conversation
        }
    }

    /// Whether a member sees conversations that are not assigned to them.
    static func seesAll(_ member: String, _ roles: [MemberID: Role]) -> Bool {
        MemberID(rawValue: member).flatMap { roles[$0] }?.access(to: .getConversation) == .all
    }

    public func takeOver(_ conversation: Int64, _ request: TakeoverRequest, _ call: Call) async throws -> InboxRow {
        let row = try await change(call, .takeOver, target: conversation, of: Self.visible(conversation)) {
            transaction, reader, scope in
            let member = call.viewer.member.rawValue
            let holder = try reader.row(of: conversation).takenOverBy
            guard holder.isEmpty || holder == member || request.force else {
                throw APIError(
                    .conflict, "\(holder) has taken this conversation over: ask them, or take it with force",
                    current: holder)
            }
            if request.taken {
                try transaction.takeOver(conversation, by: member)
            } else {
                try transaction.endTakeover(conversation)
            }
            try transaction.audit(request.taken ? "taken-over" : "handed-back", subject: conversation, actor: member)
            return try reader.narrowed(reader.row(of: conversation), scope)
        }
        if !request.taken { ports.botAnswersAgain() }
        return row
    }

    public func setAttention(_ conversation: Int64, _ request: AttentionRequest, _ call: Call) async throws -> InboxRow
    {
        try await change(call, .setAttention, target: conversation, of: Self.visible(conversation)) {
            transaction, reader, scope in
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
                try transaction.setRead(conversation, seen: request.seen)
            }
            let kind = request.waits ? "to-be-read" : "read"
            try transaction.audit(kind, subject: conversation, actor: call.viewer.member.rawValue)
            return try reader.narrowed(reader.row(of: conversation), scope)
        }
    }

    public func hide(_ conversation: Int64, _ call: Call) async throws -> Done {
        let done = try await change(call, .hide, target: conversation) { transaction, reader, scope in
            try reader.requireVisible(conversation, scope)
            try transaction.hide(conversation, from: call.viewer.member.rawValue, in: reader)
            return Done()
        }
        ports.botAnswersAgain()
        return done
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
    /// - Parameter losesSight: whether who had it sees it no longer: their take-over ends, and their tasks go along.
    fileprivate func assign(
        _ conversation: Int64, to member: String, from holder: String, losesSight: Bool
    ) throws {
        try db().run("UPDATE conversation SET assigned_to = ? WHERE id = ?", [member, conversation])
        if losesSight, !holder.isEmpty, holder != member {
            try endTakeover(conversation, of: holder)
            let tasks = try db().rows(
                """
                SELECT id, position FROM entry
                WHERE conversation_id = ? AND kind = 'task' AND closed_at = 0 AND assignee = ?
                """, [conversation, holder])
            for task in tasks {
                try db().run("UPDATE entry SET assignee = ? WHERE id = ?", [member, task[0] as Int64])
                try addEvent(.itemChanged, conversation: conversation, position: task[1])
            }
        }
        // Whoever loses it is told, although they may no longer see it.
        try addEvent(.conversation, conversation: conversation, member: holder)
    }

    fileprivate func setRead(_ conversation: Int64, seen: Int64) throws {
        try db().run(
            "UPDATE conversation SET waits_since = 0, danger_since = 0, troubled = ? WHERE id = ?",
            [try troubled(conversation, after: seen), conversation])
        try addEvent(.conversation, conversation: conversation)
    }

    /// Messages that failed or are uncertain and that somebody who saw everything up to `position` has not seen.
    func troubled(_ conversation: Int64, after position: Int64) throws -> Int64 {
        try db().integer(
            """
            SELECT count(*) FROM outbox INDEXED BY outbox_trouble
            WHERE conversation_id = ? AND stage IN ('uncertain', 'failed') AND position > ?
            """, [conversation, position]) ?? 0
    }

    /// Nobody is to read who knows whom: the audit line names neither member nor conversation, and the event names
    /// the member by a keyed hash.
    fileprivate func hide(_ conversation: Int64, from member: String, in reader: StaffReader) throws {
        for each in try reader.samePerson(conversation) {
            // Each of them: they may be told to be different people again.
            try db().run("INSERT OR IGNORE INTO hidden (hash) VALUES (?)", [reader.hiddenHash(member, each).data])
            try db().run(
                "UPDATE conversation SET assigned_to = '' WHERE id = ?1 AND (id = ?2 OR assigned_to = ?3)",
                [each, conversation, member])
            guard try db().changesCount > 0 else { continue }
            try endTakeover(each, of: member)
            try db().run(
                "UPDATE entry SET assignee = '' WHERE conversation_id = ? AND assignee = ? AND closed_at = 0",
                [each, member])
            try addEvent(.conversation, conversation: each, member: reader.eventHash(member))
            // It has nobody now: somebody must look who takes it on.
            try setWaiting(each)
        }
        try audit("hidden", subject: 0)
    }

    /// Everything open of one member goes to another: conversations and tasks; take-overs end.
    ///
    /// - Parameters:
    ///   - to: empty for nobody. What is hidden from them goes to nobody.
    ///   - seesAll: whether `to` sees conversations that are not assigned to them: tasks there go to nobody otherwise.
    ///   - actor: who decided.
    public func reassignWork(from: String, to: String, seesAll: Bool, actor: String) throws {
        let db = try db()
        let reader = try reader()
        let held = try db.rows(
            "SELECT id, taken_over_by FROM conversation WHERE assigned_to = ? OR taken_over_by = ?", [from, from])
        for row in held {
            let id: Int64 = row[0]
            let takes = try to.isEmpty || !reader.isHidden(id, from: to)
            try db.run(
                "UPDATE conversation SET assigned_to = ?2 WHERE id = ?3 AND assigned_to = ?1",
                [from, takes ? to : "", id])
            try endTakeover(id, of: from)
            try addEvent(.conversation, conversation: id, member: from)
            // Not to whom: that one of them went to nobody would tell from whom it is hidden.
            try audit("reassigned", subject: id, actor: actor)
        }
        let tasks = try db.rows(
            "SELECT id, conversation_id, position FROM entry WHERE kind = 'task' AND closed_at = 0 AND assignee = ?",
            [from])
        if !held.isEmpty || !tasks.isEmpty {
            try audit(to.isEmpty ? "work-released" : "work-reassigned", subject: 0, actor: actor, about: to)
        }
        for row in tasks {
            let conversation: Int64 = row[1]
            let takes =
                try !to.isEmpty && !reader.isHidden(conversation, from: to)
                && (seesAll || db.row("SELECT assigned_to FROM conversation WHERE id = ?", [conversation])?[0] == to)
            try db.run("UPDATE entry SET assignee = ? WHERE id = ?", [takes ? to : "", row[0] as Int64])
            try addEvent(.itemChanged, conversation: row[1], position: row[2], member: from)
            try audit("task-reassigned", subject: row[0], actor: actor)
        }
    }

    /// Nothing stays with somebody who is gone, or whose role is given no conversations: it goes to nobody, and waits.
    ///
    /// A daemon that stopped between a change of the roster and its work, and an assignment that raced a dismissal,
    /// leave such things.
    ///
    /// - Parameter roles: those who belong.
    public func releaseWork(ofAllBut roles: [MemberID: Role]) throws {
        let db = try db()
        let isGone: (String) -> Bool = { name in
            guard !name.isEmpty else { return false }
            guard let role = MemberID(rawValue: name).flatMap({ roles[$0] }) else { return true }
            return role.access(to: .getConversation) == .none
        }
        for row in try db.rows("SELECT id, assigned_to, is_practice FROM conversation WHERE assigned_to <> ''") {
            let (id, holder): (Int64, String) = (row[0], row[1])
            guard isGone(holder) else { continue }
            try db.run("UPDATE conversation SET assigned_to = '' WHERE id = ?", [id])
            try addEvent(.conversation, conversation: id)
            // A practice contact waits for nobody else.
            if !(row[2] as Bool) { try setWaiting(id) }
            try audit("unassigned", subject: id)
        }
        let taken = try db.rows(
            """
            SELECT id, taken_over_by FROM conversation INDEXED BY conversation_taken
            WHERE taken_over_since > 0 AND taken_over_until > 0 AND taken_over_by <> ''
            """)
        for row in taken where isGone(row[1]) { try endTakeover(row[0], of: row[1]) }
        let tasks = try db.rows(
            """
            SELECT id, conversation_id, position, assignee FROM entry
            WHERE kind = 'task' AND closed_at = 0 AND assignee <> ''
            """)
        for row in tasks where isGone(row[3]) {
            try db.run("UPDATE entry SET assignee = '' WHERE id = ?", [row[0] as Int64])
            try addEvent(.itemChanged, conversation: row[1], position: row[2])
            try audit("task-reassigned", subject: row[0])
        }
    }
}
