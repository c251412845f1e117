import Foundation
import GRDB
import Messaging
import StaffProtocol

extension Transaction {
    /// Keeps an alarm for staff, with an audit line and an event.
    public func raise(_ alarm: Alarm, count: Int) throws {
        try db().run(
            """
            INSERT INTO alarm (kind, first_at, last_at, count) VALUES (?1, ?2, ?2, ?3)
            ON CONFLICT (kind) DO UPDATE SET last_at = excluded.last_at, count = count + excluded.count
            """, [alarm.rawValue, now.milliseconds, count])
        try audit(alarm.rawValue, subject: 0, amount: Int64(count))
        try addEvent(.channel)
    }
}

/// Alarms as staff see them.
enum Alarms {
    /// Days for which an alarm is shown after it was last raised.
    static let shownDays: Int64 = 14

    /// The fixed words of those that are shown.
    static func shown(_ db: Database, now: Int64) throws -> [String] {
        try db.rows(
            "SELECT kind FROM alarm WHERE last_at > ? ORDER BY kind", [now - shownDays * 86_400_000]
        ).map { $0[0] }
    }
}
