import Foundation
import GRDB
import StaffProtocol

/// The durable events of staff: numbers only.
enum EventFeed {
    /// The last number given, also when its event is no longer kept.
    static func newest(_ db: Database) throws -> Int64 {
        try db.integer("SELECT seq FROM sqlite_sequence WHERE name = 'staff_event'") ?? 0
    }

    /// The same inside a transaction of the writer.
    static func newest(_ state: WriterState) throws -> Int64 {
        try state.integer("SELECT seq FROM sqlite_sequence WHERE name = 'staff_event'") ?? 0
    }

    /// See `StaffService.eventBatch`.
    static func page(after number: Int64, limit: Int, scope: Scope, in reader: StaffReader) throws -> EventBatch {
        let db = reader.db
        let newest = try newest(db)
        let oldest = try db.integer("SELECT MIN(number) FROM staff_event") ?? newest + 1
        // A number that was never given belongs to another store, or to one before a restore.
        if number + 1 < oldest || number > newest {
            let reset = StaffEvent(number: newest, kind: .reset, at: reader.now, conversation: 0, position: 0)
            return EventBatch(events: [reset], reached: newest)
        }
        let (condition, arguments) = try filter(scope, in: reader)
        let events = try db.rows(
            """
            SELECT number, kind, at, conversation_id, position FROM staff_event
            WHERE number > ? AND \(condition) ORDER BY number LIMIT ?
            """, [number] + arguments + [limit]
        ).map { row in
            StaffEvent(
                number: row[0], kind: StaffEvent.Kind(rawValue: row[1]) ?? .reset, at: row[2], conversation: row[3],
                position: row[4])
        }
        return EventBatch(events: events, reached: events.count < limit ? newest : events.last?.number ?? number)
    }

    private static func filter(_ scope: Scope, in reader: StaffReader) throws -> (String, StatementArguments) {
        switch scope {
        case .all: return ("1", [])
        case .nothing: return ("conversation_id = 0", [])
        case .assigned(let member):
            // Some events are addressed: to the one from whom a conversation was taken.
            return (
                "(conversation_id = 0 OR member IN (?, ?) OR conversation_id IN (SELECT value FROM json_each(?)))",
                [member, reader.eventHash(member), try reader.visibleList(scope)]
            )
        }
    }
}

extension StaffReader {
    /// Stands for a member in an event from which nobody is to read that they know a contact.
    func eventHash(_ member: String) -> String {
        key.lookup(Array(member.utf8), purpose: "hidden-event").map { String(format: "%02x", $0) }.joined()
    }
}

extension Transaction {
    /// Adds an event for staff.
    ///
    /// - Parameter member: who is told although they no longer see the conversation; empty for nobody.
    public func addEvent(
        _ kind: StaffEvent.Kind, conversation: Int64 = 0, position: Int64 = 0, member: String = ""
    ) throws {
        try state.run(
            "INSERT INTO staff_event (kind, at, conversation_id, position, member) VALUES (?, ?, ?, ?, ?)",
            kind.rawValue, now.milliseconds, conversation, position, member)
    }

    /// Forgets events and answers to repeated calls that are older than they are kept.
    func forgetStaffHistory() throws {
        let day: Int64 = 86_400_000
        // Times rise with the numbers, so the oldest that is kept is found from the front.
        try db().run(
            """
            DELETE FROM staff_event WHERE number < ifnull(
                (SELECT number FROM staff_event WHERE at >= ? ORDER BY number LIMIT 1),
                (SELECT seq + 1 FROM sqlite_sequence WHERE name = 'staff_event'))
            """, [now.milliseconds - StaffEvent.keptDays * day])
        try db().run("DELETE FROM idempotency WHERE at < ?", [now.milliseconds - Idempotency.keptDays * day])
    }
}
