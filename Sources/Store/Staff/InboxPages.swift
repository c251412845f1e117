import GRDB
import StaffProtocol

/// A place in the inbox, whose order is: danger (longest first), waiting (longest first), quiet
/// (newest first). New messages move no row that a cursor has passed within a part.
struct InboxCursor: Equatable {
    enum Part: Int, Hashable, CaseIterable {
        case danger = 1
        case waiting, quiet
        /// Not a part of the whole inbox: those with a voice note nobody heard, oldest first.
        case voice

        /// The parts of the inbox in their order.
        static func of(_ filter: InboxFilter) -> [Part] {
            switch filter {
            case .voice: [.voice]
            case .waiting, .unassigned: [.danger, .waiting]
            case .mine, .all: [.danger, .waiting, .quiet]
            }
        }

        var condition: String {
            switch self {
            case .danger: "conversation.danger_since > 0"
            case .waiting: "conversation.danger_since = 0 AND conversation.waits_since > 0"
            case .quiet: "conversation.danger_since = 0 AND conversation.waits_since = 0"
            case .voice: "conversation.voice_since > 0"
            }
        }
        var column: String {
            switch self {
            case .danger: "conversation.danger_since"
            case .waiting: "conversation.waits_since"
            case .quiet: "conversation.newest_item"
            case .voice: "conversation.voice_since"
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

    /// - Parameter part: in which the row was read.
    init(after row: InboxRow, in part: Part? = nil) {
        if part == .voice {
            self.init(part: .voice, value: row.voiceSince ?? 0, conversation: row.conversation)
        } else if row.dangerSince > 0 {
            self.init(part: .danger, value: row.dangerSince, conversation: row.conversation)
        } else if row.waitsSince > 0 {
            self.init(part: .waiting, value: row.waitsSince, conversation: row.conversation)
        } else {
            self.init(part: .quiet, value: row.newestItem, conversation: row.conversation)
        }
    }

    /// Throws `malformed` for what is not a cursor of these parts; empty is the beginning.
    init(_ text: String, of parts: [Part]) throws {
        if text.isEmpty {
            self.init(startOf: parts.first ?? .danger)
            return
        }
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, let number = Int(numbers[0]), let part = Part(rawValue: number), parts.contains(part),
            let value = Int64(numbers[1]), let conversation = Int64(numbers[2])
        else { throw APIError(.malformed, "after: not a place in the inbox; give the 'next' of a page") }
        self.init(part: part, value: value, conversation: conversation)
    }

    var text: String { "\(part.rawValue).\(value).\(conversation)" }
}

/// A part of the inbox for a filter and a viewer.
private struct PartQuery: Hashable {
    var part: InboxCursor.Part
    var isUnassigned: Bool
    /// Of one member only.
    var isOwn: Bool

    var sql: String { Self.all[self] ?? text }

    // The text names the statement in the connection's cache: it is put together once, not at each request.
    private static let all: [PartQuery: String] = {
        var texts: [PartQuery: String] = [:]
        for part in InboxCursor.Part.allCases {
            for (isUnassigned, isOwn) in [(false, false), (false, true), (true, false), (true, true)] {
                let query = PartQuery(part: part, isUnassigned: isUnassigned, isOwn: isOwn)
                texts[query] = query.text
            }
        }
        return texts
    }()

    /// ?1 is today, ?2 and ?3 the place, ?4 how many rows, ?5 the member.
    private var text: String {
        let order = part.isDescending ? "DESC" : "ASC"
        var conditions = [
            part.condition, "(\(part.column), conversation.id) \(part.isDescending ? "<" : ">") (?2, ?3)",
        ]
        if isUnassigned { conditions.append("conversation.assigned_to = ''") }
        if isOwn { conditions.append("conversation.assigned_to = ?5 AND conversation.assigned_to <> ''") }
        return """
            SELECT \(StaffReader.rowColumns) FROM conversation JOIN address ON address.id = conversation.address_id
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY \(part.column) \(order), conversation.id \(order) LIMIT ?4
            """
    }
}

extension StaffReader {
    /// See `StaffService.inbox`.
    func inbox(
        _ filter: InboxFilter, limit: Int, after: String, member: String, scope: Scope
    ) throws -> InboxPage {
        let parts = InboxCursor.Part.of(filter)
        let cursor = try InboxCursor(after, of: parts)
        var rows: [InboxRow] = []
        rows.reserveCapacity(limit + 1)
        // One more than asked shows whether another page follows.
        for part in parts where part.rawValue >= cursor.part.rawValue {
            try add(
                part, of: filter, from: part == cursor.part ? cursor : InboxCursor(startOf: part), to: &rows,
                upTo: limit + 1, member, scope)
            if rows.count > limit { break }
        }
        let hasMore = rows.count > limit
        if hasMore { rows.removeLast() }
        let (waiting, danger) = try counts(scope)
        return InboxPage(
            rows: rows, waiting: waiting + danger, danger: danger,
            next: hasMore ? rows.last.map { InboxCursor(after: $0, in: parts.last).text } ?? "" : "",
            event: try EventFeed.newest(db))
    }

    /// Adds rows of a part until there are `limit`, or no more.
    private func add(
        _ part: InboxCursor.Part, of filter: InboxFilter, from start: InboxCursor, to rows: inout [InboxRow],
        upTo limit: Int, _ member: String, _ scope: Scope
    ) throws {
        if scope == .nothing { return }
        let isOwn = filter == .mine || scope != .all
        let sql = PartQuery(part: part, isUnassigned: filter == .unassigned, isOwn: isOwn).sql
        var place = start
        while rows.count < limit {
            let (first, asked) = (rows.count, limit - rows.count)
            var arguments: [Argument] = [
                .integer(today), .integer(place.value), .integer(place.conversation), .integer(Int64(asked)),
            ]
            if isOwn { arguments.append(.text(member)) }
            try db.read(sql, arguments) {
                rows.append(try row($0))
                return true
            }
            if scope == .all { return }
            // Those that are hidden are left out here, so more may be served behind them.
            let batch = Array(rows[first...])
            rows.removeSubrange(first...)
            rows += try batch.filter { try isServed($0, scope) }.map { try narrowed($0, scope) }
            guard batch.count == asked, let last = batch.last else { return }
            place = InboxCursor(after: last, in: part)
        }
    }

    private func isServed(_ row: InboxRow, _ scope: Scope) throws -> Bool {
        guard case .assigned(let member) = scope else { return true }
        return try !isHidden(row.conversation, from: member)
    }

    /// How many conversations wait, and in how many somebody may be in danger.
    private func counts(_ scope: Scope) throws -> (waiting: Int, danger: Int) {
        func count(_ part: InboxCursor.Part, _ condition: String = "", _ arguments: [Argument] = []) throws -> Int {
            Int(try db.number("SELECT count(*) FROM conversation WHERE \(part.condition)\(condition)", arguments))
        }
        switch scope {
        case .nothing: return (0, 0)
        case .all: return (try count(.waiting), try count(.danger))
        case .assigned:
            let condition = " AND id IN (SELECT value FROM json_each(?))"
            let visible: [Argument] = [.text(try visibleList(scope))]
            return (try count(.waiting, condition, visible), try count(.danger, condition, visible))
        }
    }
}
