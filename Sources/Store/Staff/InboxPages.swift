import Foundation
import GRDB
import StaffProtocol

/// A place in the inbox, whose order is: danger (longest first), waiting (longest first), quiet
/// (newest first). New messages move no row that a cursor has passed within a part.
struct InboxCursor: Equatable {
    enum Part: Int, CaseIterable {
        case danger = 1
        case waiting, quiet

        var condition: String {
            switch self {
            case .danger: "conversation.danger_since > 0"
            case .waiting: "conversation.danger_since = 0 AND conversation.waits_since > 0"
            case .quiet: "conversation.danger_since = 0 AND conversation.waits_since = 0"
            }
        }
        var column: String {
            switch self {
            case .danger: "conversation.danger_since"
            case .waiting: "conversation.waits_since"
            case .quiet: "conversation.newest_item"
            }
        }
        var isDescending: Bool { self == .quiet }
        var first: Int64 { isDescending ? .max : .min }
    }

    let part: Part
    let value: Int64
    let conversation: Int64

    /// The place before the first row of a part.
    init(startOf part: Part) {
        self.init(part: part, value: part.first, conversation: part.first)
    }

    init(part: Part, value: Int64, conversation: Int64) {
        self.part = part
        self.value = value
        self.conversation = conversation
    }

    init(after row: InboxRow) {
        if row.dangerSince > 0 {
            self.init(part: .danger, value: row.dangerSince, conversation: row.conversation)
        } else if row.waitsSince > 0 {
            self.init(part: .waiting, value: row.waitsSince, conversation: row.conversation)
        } else {
            self.init(part: .quiet, value: row.newestItem, conversation: row.conversation)
        }
    }

    /// Throws `malformed` for what is not a cursor; empty is the beginning.
    init(_ text: String) throws {
        if text.isEmpty {
            self.init(startOf: .danger)
            return
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let number = Int(parts[0]), let part = Part(rawValue: number),
            let value = Int64(parts[1]), let conversation = Int64(parts[2])
        else { throw APIError(.malformed, "after: not a place in the inbox; give the 'next' of a page") }
        self.init(part: part, value: value, conversation: conversation)
    }

    var text: String { "\(part.rawValue).\(value).\(conversation)" }
}

extension StaffReader {
    /// See `StaffService.inbox`.
    func inbox(
        _ filter: InboxFilter, limit: Int, after: String, member: String, scope: Scope
    ) throws -> InboxPage {
        let cursor = try InboxCursor(after)
        var rows: [InboxRow] = []
        // One more than asked shows whether another page follows.
        for part in InboxCursor.Part.allCases where part.rawValue >= cursor.part.rawValue {
            if part == .quiet, filter == .waiting || filter == .unassigned { continue }
            var place = part == cursor.part ? cursor : InboxCursor(startOf: part)
            while rows.count <= limit {
                let batch = try self.rows(filter, from: place, limit: limit + 1 - rows.count, member, scope)
                guard let last = batch.last else { break }
                rows += try batch.filter { try isServed($0, scope) }
                place = InboxCursor(after: last)
            }
        }
        let next = rows.count > limit ? InboxCursor(after: rows[limit - 1]).text : ""
        return InboxPage(
            rows: Array(rows.prefix(limit)), waiting: try count([.danger, .waiting], scope),
            danger: try count([.danger], scope), next: next, event: try EventFeed.newest(db))
    }

    private func isServed(_ row: InboxRow, _ scope: Scope) throws -> Bool {
        guard case .assigned(let member) = scope else { return true }
        return try !isHidden(row.conversation, from: member)
    }

    private func rows(
        _ filter: InboxFilter, from place: InboxCursor, limit: Int, _ member: String, _ scope: Scope
    ) throws -> [InboxRow] {
        let part = place.part
        var conditions = [
            part.condition,
            "(\(part.column), conversation.id) \(part.isDescending ? "<" : ">") (:value, :conversation)",
        ]
        var arguments: [String: (any DatabaseValueConvertible)?] = [
            "today": today, "value": place.value, "conversation": place.conversation, "limit": limit,
        ]
        if filter == .unassigned { conditions.append("conversation.assigned_to = ''") }
        if filter == .mine || scope != .all {
            conditions.append("conversation.assigned_to = :member AND conversation.assigned_to <> ''")
            arguments["member"] = member
        }
        if scope == .nothing { return [] }
        let order = part.isDescending ? "DESC" : "ASC"
        return try db.rows(
            """
            SELECT \(Self.rowColumns) FROM conversation JOIN address ON address.id = conversation.address_id
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY \(part.column) \(order), conversation.id \(order) LIMIT :limit
            """, StatementArguments(arguments)
        ).map(row)
    }

    private func count(_ parts: [InboxCursor.Part], _ scope: Scope) throws -> Int {
        switch scope {
        case .nothing: return 0
        case .all:
            return try parts.reduce(0) { count, part in
                count + Int(try db.integer("SELECT count(*) FROM conversation WHERE \(part.condition)") ?? 0)
            }
        case .assigned:
            let visible = try visibleList(scope)
            return try parts.reduce(0) { count, part in
                let found = try db.integer(
                    """
                    SELECT count(*) FROM conversation
                    WHERE \(part.condition) AND id IN (SELECT value FROM json_each(?))
                    """, [visible])
                return count + Int(found ?? 0)
            }
        }
    }
}
