import Backup
import Foundation
import GRDB

/// Reads a store for a backup, beside a daemon that runs.
///
/// All is read in one transaction, which sees the store as it was at one moment. SQLite's write-ahead log lets the
/// writer go on meanwhile (https://www.sqlite.org/wal.html#concurrency); the log only cannot be emptied until the end.
public struct StoreSnapshot {
    /// What a backup says of itself.
    public struct Facts: Sendable {
        public let generation: Int64
        /// The number of the last line of the audit log.
        public let sequence: Int64
        /// The names of the files that belong to messages.
        public let attachments: [String]
    }

    private let db: Database

    /// Opens the store for reading and gives `body` its state at one moment.
    ///
    /// - Throws: `StoreError` when there is no store, or it is of another version.
    public static func read<R>(path: String, _ body: (StoreSnapshot) throws -> R) throws -> R {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        guard FileManager.default.fileExists(atPath: path) else {
            throw StoreError.cannotOpen(path: path, reason: "there is no such file; was the daemon started once?")
        }
        do {
            return try DatabaseQueue(path: path, configuration: configuration).read { db in
                guard try Migrations.all.appliedMigrations(db) == Migrations.all.migrations else {
                    throw StoreError.cannotOpen(
                        path: path, reason: "no daemon of this version has opened it yet: start silad once")
                }
                return try body(StoreSnapshot(db: db))
            }
        } catch let error as DatabaseError {
            throw StoreError.cannotOpen(path: path, reason: error.message ?? "SQLite \(error.resultCode.rawValue)")
        }
    }

    public func facts() throws -> Facts {
        Facts(
            generation: try db.integer("SELECT max(generation) FROM restore") ?? 0,
            sequence: try db.integer("SELECT max(id) FROM audit") ?? 0,
            attachments: try db.rows("SELECT token FROM attachment ORDER BY id").map { $0[0] })
    }

    /// The rows that go into one of the two files.
    ///
    /// - Returns: how many there were.
    public func rows(for kind: BackupKind, _ take: (BackupFrame) throws -> Void) throws -> Int {
        try take(.schema(Migrations.all.migrations))
        var count = 0
        switch kind {
        case .data:
            for table in BackupTables.data { count += try rows(of: table, take) }
            count += try rows(of: BackupTables.sequences, take)
        case .keys:
            for table in BackupTables.keys { count += try rows(of: table, take) }
        }
        return count
    }

    private func rows(of table: String, _ take: (BackupFrame) throws -> Void) throws -> Int {
        let columns = try db.columns(in: table).map(\.name)
        try take(.table(table, columns: columns))
        let list = columns.map { "\"\($0)\"" }.joined(separator: ", ")
        let rows = try Row.fetchCursor(db, sql: "SELECT \(list) FROM \"\(table)\"")
        var count = 0
        while let row = try rows.next() {
            try take(.row(try columns.indices.map { try Self.value(row[$0], in: table) }))
            count += 1
        }
        return count
    }

    private static func value(_ value: DatabaseValue, in table: String) throws -> BackupValue {
        switch value.storage {
        case .null: .null
        case .int64(let number): .integer(number)
        case .string(let text): .text(text)
        case .blob(let data): .blob([UInt8](data))
        case .double: throw StoreError.damagedField(table: table, column: "of a number that is not whole")
        }
    }
}
