import CSQLiteSetup
import Foundation
import GRDB
import Messaging
import Sealing

/// Opens the one database file of a deployment.
public enum Store {
    /// How a commit reaches the disk. The daemon knows only `full`; fault tests show what the
    /// others lose.
    public enum Durability: Sendable {
        case full
        @_spi(FaultTests) case off
    }

    /// Opens or makes the store, brings its schema up to date and reads its durability back.
    ///
    /// - Parameters:
    ///   - path: the database file; its folder is made, readable for the owner only.
    ///   - workingKey: must be the key the store was made with.
    ///   - sealer: seals the archive to the keys of the roster.
    ///   - clock: gives the time each transaction stands for.
    /// - Throws: `StoreError`.
    public static func open(
        path: String, workingKey: WorkingKey, sealer: ArchiveSealer, durability: Durability = .full,
        observer: any CommitObserver = NoCommitObserver(), clock: StoreClock = .system
    ) throws -> Writer {
        _ = withoutStatistics
        do {
            let pool = try openPool(path: path)
            try refuseNewer(pool, path: path)
            try Migrations.all.migrate(pool)
            try setDurability(durability, of: pool)
            try checkKey(workingKey, in: pool)
            restrict(path)
            let state = WriterState(workingKey: workingKey, sealer: sealer, clock: clock)
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            let attachments = try AttachmentFolder(path: folder + "/attachments")
            let newestEvent = try pool.read { try EventFeed.newest($0) }
            return Writer(
                pool: pool, pages: try PageReader(path: path), state: state, observer: observer,
                newestEvent: newestEvent, attachments: attachments)
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_NOTADB, .SQLITE_CORRUPT: throw StoreError.notADatabase(path: path)
            default:
                throw StoreError.cannotOpen(path: path, reason: error.message ?? "SQLite \(error.resultCode.rawValue)")
            }
        }
    }

    /// Once in a process.
    private static let withoutStatistics = sila_sqlite_without_statistics()

    /// What every connection is set to.
    static var configuration: GRDB.Configuration {
        var configuration = GRDB.Configuration()
        configuration.label = "sila.store"
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            // Taken into account only before the first table is made.
            if !db.configuration.readonly { try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL") }
            // Hygiene, not the promise (design: erasing deletes the segment keys).
            try db.execute(sql: "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    private static func openPool(path: String) throws -> DatabasePool {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StoreError.cannotOpen(path: path, reason: "its folder \(folder) cannot be made")
        }
        return try DatabasePool(path: path, configuration: configuration)
    }

    private static func refuseNewer(_ pool: DatabasePool, path: String) throws {
        if try pool.read({ try Migrations.all.hasBeenSuperseded($0) }) {
            throw StoreError.newerVersion(path: path)
        }
    }

    /// GRDB sets NORMAL when it opens a pool in WAL mode, so FULL is set after that, and read back.
    private static func setDurability(_ durability: Durability, of pool: DatabasePool) throws {
        try pool.writeWithoutTransaction { db in
            switch durability {
            case .full:
                try db.execute(sql: "PRAGMA synchronous = FULL")
                let found = try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
                guard found == 2 else { throw StoreError.notDurable(found: found) }
            case .off:
                try db.execute(sql: "PRAGMA synchronous = OFF")
            }
        }
    }

    /// A sealed word, written once, tells a wrong key from a damaged file.
    private static func checkKey(_ key: WorkingKey, in pool: DatabasePool) throws {
        let field = Field(table: "meta", row: Array("key-check".utf8), column: "value")
        let word = Array("sila".utf8)
        let sealed = try key.seal(word, in: field)
        try pool.write { db in
            if let row = try Row.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'key-check'") {
                guard (try? key.open(row.bytes("value"), in: field)) == word else { throw StoreError.wrongWorkingKey }
            } else {
                try db.execute(sql: "INSERT INTO meta (name, value) VALUES ('key-check', ?)", arguments: [sealed.data])
            }
        }
    }

    private static func restrict(_ path: String) {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path + suffix)
        }
    }
}
