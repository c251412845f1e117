import Backup
import Foundation
import GRDB

/// The file that `sila restore` left, read frame by frame.
final class RowFile {
    let data: BackupHeader
    let keys: BackupHeader
    private let handle: FileHandle
    private let path: String

    init(_ path: String) throws {
        self.path = path
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw StoreError.cannotOpen(path: path, reason: String(cString: strerror(errno)))
        }
        self.handle = handle
        do {
            let head = [UInt8](try handle.read(upToCount: RestoredRows.headCount) ?? Data())
            (data, keys) = try RestoredRows.read(head: head)
            try RestoredRows.check(data: data, keys: keys)
        } catch {
            throw RestoreError.damaged("\(error)")
        }
    }

    /// The next frame of a part; `nil` at its end.
    func next(_ reader: inout BackupFrameReader) throws -> BackupFrame? {
        do {
            while true {
                if let frame = try reader.next() {
                    if case .end = frame { return nil }
                    return frame
                }
                // Exactly as much as is wanted: what follows belongs to the next part.
                let more = try handle.read(upToCount: reader.missing) ?? Data()
                guard !more.isEmpty else { throw BackupError.cutOff }
                reader.append([UInt8](more))
            }
        } catch let error as BackupError {
            throw RestoreError.damaged("\(error)")
        }
    }
}

/// Puts rows into tables.
struct RowLoader {
    let db: Database
    /// Those that may come; a backup that was tampered with fills no others.
    let tables: [String]

    func load(_ next: () throws -> BackupFrame?) throws {
        var insert: Statement?
        var columns = 0
        while let frame = try next() {
            switch frame {
            case .table(let name, let names):
                guard tables.contains(name), Set(names).isSubset(of: Set(try db.columns(in: name).map(\.name))) else {
                    throw RestoreError.damaged("it holds a table '\(name)' that does not belong there")
                }
                try db.execute(sql: "DELETE FROM \"\(name)\"")
                let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
                let marks = names.map { _ in "?" }.joined(separator: ", ")
                insert = try db.makeStatement(sql: "INSERT INTO \"\(name)\" (\(list)) VALUES (\(marks))")
                columns = names.count
            case .row(let values):
                guard let insert, values.count == columns else {
                    throw RestoreError.damaged("a row does not have the columns of its table")
                }
                try insert.execute(arguments: StatementArguments(values.map(Self.value)))
            default: throw RestoreError.damaged("it holds something between its rows")
            }
        }
    }

    private static func value(_ value: BackupValue) -> DatabaseValue {
        switch value {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let bytes): bytes.data.databaseValue
        }
    }
}

extension Database {
    /// Runs `body` while no trigger acts: rows come as they were, and counts with them.
    func withoutTriggers<R>(_ body: () throws -> R) throws -> R {
        let triggers = try rows("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid")
        for trigger in triggers { try execute(sql: "DROP TRIGGER \"\(trigger[0] as String)\"") }
        let result = try body()
        for trigger in triggers { try execute(sql: trigger[1]) }
        return result
    }
}
