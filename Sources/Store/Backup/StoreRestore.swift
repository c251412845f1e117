import Backup
import Foundation
import GRDB

/// Makes a store of the rows of a backup: with a new generation, without any ratchet, and with numbers that were
/// never given out.
public struct StoreRestore {
    /// What was made.
    public struct Report: Sendable {
        public let generation: Int64
        public let backupAt: Date
        /// Contacts whose keys were erased after the data was made: they are erased here too.
        public let erased: Int
        /// Messages of ours that were under way: the server's archive is asked about them.
        public let underWay: Int
    }

    private let rows: String
    private let store: String
    private let now: Date

    /// - Parameters:
    ///   - rows: the file that `sila restore` left.
    ///   - store: the database that is to be made.
    public init(rows: String, store: String, now: Date) {
        self.rows = rows
        self.store = store
        self.now = now
    }

    /// Makes the store, whole or not at all, and removes the rows.
    ///
    /// - Returns: `nil` when there are no rows.
    /// - Throws: `RestoreError`.
    public func run() throws -> Report? {
        guard FileManager.default.fileExists(atPath: rows) else { return nil }
        let file = try RowFile(rows)
        if FileManager.default.fileExists(atPath: store) {
            // A crash came between the store and the removal of what it was made of.
            guard try isMade(of: file.data) else { throw RestoreError.bothThere(store: store, rows: rows) }
            try remove(rows)
            return nil
        }
        guard now.milliseconds >= max(file.data.madeAt, file.keys.madeAt) else {
            throw RestoreError.clockIsBehind(Date(milliseconds: max(file.data.madeAt, file.keys.madeAt)))
        }
        let unfinished = store + ".restoring"
        for suffix in ["", "-wal", "-shm", "-journal"] { try remove(unfinished + suffix) }
        let report = try build(unfinished, file)
        try Self.put(unfinished, at: store)
        try remove(rows)
        return report
    }

    private func build(_ path: String, _ file: RowFile) throws -> Report {
        var configuration = Store.configuration
        // Rows come in the order of their tables; all is checked at the end.
        configuration.foreignKeysEnabled = false
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            try load(file, .data, BackupTables.data + [BackupTables.sequences], into: queue)
            try load(file, .keys, BackupTables.keys, into: queue)
            let report = try queue.write { db in
                let report = try db.withoutTriggers {
                    try RestoredStore(db: db, data: file.data, keys: file.keys, now: now.milliseconds).begin()
                }
                try Self.check(db)
                return report
            }
            try queue.close()
            return report
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_ERROR:
                throw RestoreError.damaged(error.message ?? "SQLite \(error.resultCode.rawValue)")
            default:
                throw StoreError.cannotOpen(path: path, reason: error.message ?? "SQLite \(error.resultCode.rawValue)")
            }
        }
    }

    private func load(_ file: RowFile, _ kind: BackupKind, _ tables: [String], into queue: DatabaseQueue) throws {
        var reader = BackupFrameReader()
        guard case .schema(let names)? = try file.next(&reader) else {
            throw RestoreError.damaged("it does not say of which version its rows are")
        }
        let known = Migrations.all.migrations
        guard let last = names.last, names == Array(known.prefix(names.count)) else { throw RestoreError.newerSchema }
        let present = try queue.read { try Migrations.all.appliedMigrations($0) }
        guard present.count <= names.count else { throw RestoreError.damaged("its keys are of an older version") }
        try Migrations.all.migrate(queue, upTo: last)
        try queue.write { db in
            try db.withoutTriggers { try RowLoader(db: db, tables: tables).load { try file.next(&reader) } }
        }
    }

    /// What SQLite says of references and pages.
    private static func check(_ db: Database) throws {
        if let row = try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") {
            throw RestoreError.damaged("a row of \(row[0] as String? ?? "a table") refers to one that is not there")
        }
        let answer = try String.fetchOne(db, sql: "PRAGMA quick_check") ?? "no answer"
        guard answer == "ok" else { throw RestoreError.damaged(answer) }
    }

    private func isMade(of header: BackupHeader) throws -> Bool {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        return try DatabaseQueue(path: store, configuration: configuration).read { db in
            try db.tableExists("restore")
                && db.integer("SELECT 1 FROM restore WHERE backup = ?", [header.backup.data]) != nil
        }
    }

    private func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw StoreError.cannotOpen(path: path, reason: String(cString: strerror(errno)))
        }
    }

    /// On the disk for sure before it has its name.
    private static func put(_ unfinished: String, at path: String) throws {
        func failure() -> StoreError { .cannotOpen(path: path, reason: String(cString: strerror(errno))) }
        let descriptor = open(unfinished, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0, rename(unfinished, path) == 0 else { throw failure() }
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure() }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure() }
    }
}

/// Why no store was made of a backup.
public enum RestoreError: Error, Sendable, Equatable, CustomStringConvertible {
    case bothThere(store: String, rows: String)
    case newerSchema
    case damaged(String)
    case clockIsBehind(Date)
    case idsExhausted

    public var description: String {
        switch self {
        case .bothThere(let store, let rows):
            "there is a store at \(store) and a restore that was not finished at \(rows): nothing was changed. Move "
                + "away the one that is not wanted"
        case .newerSchema:
            "the backup was made by a newer version of Sila: start that version. Nothing was made"
        case .damaged(let reason):
            "no store can be made of the backup: \(reason). Nothing was made; try another backup"
        case .clockIsBehind(let date):
            "the clock of this machine says a time before the backup was made (\(date.formatted(.iso8601))): set it, "
                + "or numbers would be given a second time. Nothing was made"
        case .idsExhausted:
            "all prekey ids of this identity would be used up by another restore: found a new deployment"
        }
    }
}
