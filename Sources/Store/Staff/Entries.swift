import Foundation
import GRDB
import Messaging
import Sealing
import StaffProtocol

/// Notes, tags, tasks and proposals, sealed by a staff program.
extension StoreStaffService {
    /// Bytes of one sealed entry at most.
    static let entryLimit = 1 << 20
    private static let tokenCount = 16
    /// Version, nonce and tag of a sealed record, around at least one byte.
    private static let leastSealed = 30

    public func addEntry(_ conversation: Int64, _ entry: NewEntry, _ call: Call) async throws -> Created {
        _ = try scope(call.viewer, .addEntry)
        try Self.check(entry, role: call.viewer.role)
        var assigneeSeesAll = true
        if let assignee = entry.assignee {
            try await requireMember(assignee, with: .addEntry)
            assigneeSeesAll = Self.seesAll(assignee, await ports.roles())
        }
        let seesAll = assigneeSeesAll
        return try await change(call, .addEntry, target: conversation, of: { _, _ in conversation }) {
            transaction, reader, scope in
            try reader.requireVisible(conversation, scope)
            if let assignee = entry.assignee {
                let scope = seesAll ? Scope.all : .assigned(assignee)
                guard try !reader.isHidden(conversation, from: assignee), try reader.isVisible(conversation, scope)
                else {
                    throw APIError(
                        .refused,
                        "\(assignee) does not see this conversation: assign it to them, or choose somebody else")
                }
            }
            return try transaction.addEntry(entry, in: conversation, by: call.viewer.member.rawValue)
        }
    }

    private static func check(_ entry: NewEntry, role: Role) throws {
        guard entry.kind != .message, entry.kind != .unreadable else {
            throw APIError(.malformed, "kind: an entry is a note, tag, task or proposal")
        }
        guard entry.kind == .task || (entry.assignee == nil && entry.due == nil) else {
            throw APIError(.malformed, "assignee, due: only a task has them")
        }
        guard entry.due ?? 1 > 0 else { throw APIError(.malformed, "due: not a day after 1970-01-01") }
        guard entry.sealed.count <= entryLimit else {
            throw APIError(.tooLarge, "sealed: longer than \(entryLimit) bytes; write it in parts")
        }
        guard entry.token.count == tokenCount, entry.sealed.count >= leastSealed else {
            throw APIError(.malformed, "token, sealed: not of the length of a sealed record")
        }
        do {
            _ = try entry.segment.description()
            _ = try WrappedSegment(bytes: Array(entry.segment.wrapped))
        } catch {
            throw APIError(.malformed, "segment: \(error)")
        }
        guard entry.words.map({ entry.kind == .proposal && $0.count == NewEntry.wordsCount }) ?? true else {
            throw APIError(.malformed, "words: a proposal has them, \(NewEntry.wordsCount) bytes")
        }
        guard role.writableCompartments.contains(entry.segment.compartment) else {
            throw APIError(
                .forbidden, "your role (\(role.rawValue)) may not write into \(entry.segment.compartment.rawValue)")
        }
    }

    public func closeEntry(_ entry: Int64, _ request: CloseEntry, _ call: Call) async throws -> SealedItem {
        try await change(
            call, .closeEntry, target: entry, of: { try $0.visibleEntry(entry, $1)["conversation_id"] }
        ) { transaction, reader, scope in
            let row = try reader.visibleEntry(entry, scope)
            try Self.check(request.outcome, of: row, by: call.viewer, in: reader)
            try transaction.close(row, as: request.outcome, by: call.viewer.member.rawValue)
            // The contact has no answer yet: whoever has the conversation must look again.
            if request.outcome == "returned" { try transaction.setWaiting(row["conversation_id"] as Int64) }
            return try reader.sealedEntry(entry)
        }
    }

    private static func check(_ outcome: String, of row: Row, by viewer: Viewer, in reader: StaffReader) throws {
        let (kind, author): (String, String) = (row["kind"], row["author"])
        let isAuthor = author == viewer.member.rawValue
        switch (kind, outcome) {
        case ("task", "done"), ("tag", "removed"): return
        case ("proposal", "withdrawn"):
            guard isAuthor else { throw APIError(.forbidden, "only \(author) can withdraw what they proposed") }
        case ("proposal", "returned"):
            guard !isAuthor else {
                throw APIError(.forbidden, "a colleague returns what you propose; you can withdraw it")
            }
            if viewer.role == .intern, try reader.settings(of: viewer.member.rawValue).experiencedIn.isEmpty {
                throw APIError(.forbidden, "you are not marked as experienced in a language: ask a coordinator")
            }
        // Kinds share their numbers: it is another thing's.
        case (_, "done"): throw Refusal.noEntry("task")
        case (_, "removed"): throw Refusal.noEntry("tag")
        case (_, "returned"), (_, "withdrawn"): throw Refusal.noEntry("proposal")
        default: throw APIError(.malformed, "outcome: a \(kind) cannot be closed as '\(outcome.prefix(20))'")
        }
    }
}

extension StaffReader {
    /// An entry that a page would serve. Throws `notFound`.
    fileprivate func visibleEntry(_ id: Int64, _ scope: Scope) throws -> Row {
        guard let row = try entryRow(id), try isVisible(row["conversation_id"], scope),
            row["stored_at"] as Int64 >= servedSince(scope)
        else { throw Refusal.noEntry }
        return row
    }

    fileprivate func isVisible(_ conversation: Int64, _ scope: Scope) throws -> Bool {
        do {
            try requireVisible(conversation, scope)
            return true
        } catch let error as APIError where error.code == .notFound {
            return false
        }
    }
}

extension Transaction {
    fileprivate func addEntry(_ entry: NewEntry, in conversation: Int64, by member: String) throws -> Created {
        let db = try db()
        let contact = try db.integer("SELECT contact_id FROM conversation WHERE id = ?", [conversation])
        guard entry.segment.contact == contact else {
            throw APIError(.malformed, "segment: it was made for another contact than this conversation's")
        }
        if let known = try db.row("SELECT * FROM entry WHERE token = ?", [entry.token]) {
            // The same once more, its answer long forgotten.
            if known["author"] == member, known["conversation_id"] == conversation, known["sealed"] == entry.sealed {
                return Created(id: known["id"], position: known["position"])
            }
            throw APIError(.malformed, "token: another entry has it; make a new random one for each")
        }
        // Whoever left may hold the older keys.
        let key = try WrappedSegment(bytes: Array(entry.segment.wrapped)).archiveKey
        guard state.sealer.isCurrent(key, for: entry.segment.compartment) else {
            throw APIError(.conflict, "the archive keys were changed in the meantime: read the roster and try again")
        }
        let segment = try segmentRow(entry.segment)
        let id = (try db.integer("SELECT seq FROM sqlite_sequence WHERE name = 'entry'") ?? 0) + 1
        let position = try addItem(entry.kind.rawValue, id, in: conversation, author: member)
        try db.run(
            """
            INSERT INTO entry
                (id, position, kind, conversation_id, segment_id, token, author, assignee, due, stored_at, sealed,
                    words)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id, position, entry.kind.rawValue, conversation, segment, entry.token, member, entry.assignee ?? "",
                entry.due ?? 0, now.milliseconds, entry.sealed,
                entry.words.map { wordsHash($0, token: entry.token).data } ?? Data(),
            ])
        try db.run("UPDATE conversation SET newest_item = ? WHERE id = ?", [position, conversation])
        try audit(entry.kind.rawValue + "-added", subject: id, actor: member)
        return Created(id: id, position: position)
    }

    /// The row of a staff program's segment; a known token must mean the same segment.
    private func segmentRow(_ segment: SealedSegment) throws -> Int64 {
        let db = try db()
        let known = try db.row(
            "SELECT id, contact_id, day, compartment, wrapped FROM segment WHERE token = ?", [segment.token])
        guard let known else {
            return try db.insert(
                "INSERT INTO segment (token, contact_id, day, compartment, wrapped) VALUES (?, ?, ?, ?, ?)",
                [segment.token, segment.contact, segment.day, segment.compartment.rawValue, segment.wrapped])
        }
        guard known[1] == segment.contact, known[2] == segment.day, known[3] == segment.compartment.rawValue,
            known[4] == segment.wrapped
        else { throw APIError(.malformed, "segment: its token belongs to another segment") }
        return known[0]
    }

    /// Closes an entry. Throws `conflict` when somebody did before.
    func close(_ entry: Row, as outcome: String, by member: String) throws {
        let (id, closedAt): (Int64, Int64) = (entry["id"], entry["closed_at"])
        let (kind, before): (String, String) = (entry["kind"], entry["outcome"])
        guard closedAt == 0 else {
            throw APIError(.conflict, "this \(kind) is closed already (\(before))", current: before)
        }
        try db().run(
            "UPDATE entry SET closed_at = ?, closed_by = ?, outcome = ? WHERE id = ?",
            [now.milliseconds, member, outcome, id])
        try audit("\(kind)-\(outcome)", subject: id, actor: member)
    }

    /// Open proposals whose contact was not yet told that someone is working on the answer, and was not answered by
    /// staff since, oldest first.
    ///
    /// `waits`: seconds since it was made, by the time of day.
    public func untoldProposals() throws -> [(proposal: Int64, conversation: Int64, waits: TimeInterval)] {
        try db().rows(
            """
            SELECT id, conversation_id, stored_at FROM entry INDEXED BY entry_open
            WHERE kind = 'proposal' AND closed_at = 0 AND told_at = 0
                AND NOT EXISTS (SELECT 1 FROM item WHERE item.conversation_id = entry.conversation_id
                    AND item.position > entry.position AND item.kind = 'message' AND item.author <> '')
            ORDER BY id
            """
        ).map { ($0[0], $0[1], now.timeIntervalSince(Date(milliseconds: $0[2]))) }
    }

    /// The contact was told.
    public func setTold(proposal: Int64) throws {
        try db().run("UPDATE entry SET told_at = ? WHERE id = ?", [now.milliseconds, proposal])
    }
}
