import Foundation
import GRDB

extension Writer {
    /// When the first line of the audit log was written; `nil` before there is one.
    public func begunAt() async throws -> Date? {
        try await read { try $0.integer("SELECT min(at) FROM audit").map { Date(milliseconds: $0) } }
    }
}

extension Inspector {
    /// A restore from a backup that this store has behind it.
    public struct RestoreCounts: Codable, Sendable {
        public let generation: Int64
        public let backupAt: Date
        public let restoredAt: Date
    }

    static func restores(_ db: Database) throws -> [RestoreCounts] {
        guard try db.tableExists("restore") else { return [] }
        return try Row.fetchAll(
            db, sql: "SELECT generation, backup_at, restored_at FROM restore ORDER BY generation"
        ).map {
            RestoreCounts(
                generation: $0[0], backupAt: Date(milliseconds: $0[1]), restoredAt: Date(milliseconds: $0[2]))
        }
    }
}
