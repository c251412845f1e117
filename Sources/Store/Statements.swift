import Foundation
import GRDB
import GRDBSQLite

/// A value that a statement of the writer is given.
protocol SQLValue {
    /// - Returns: SQLite's code. SQLite copies what it is given before the call returns.
    func bind(to statement: SQLiteStatement, at index: Int32) -> Int32
}

extension Int64: SQLValue {
    func bind(to statement: SQLiteStatement, at index: Int32) -> Int32 { sqlite3_bind_int64(statement, index, self) }
}

extension Int: SQLValue {
    func bind(to statement: SQLiteStatement, at index: Int32) -> Int32 { Int64(self).bind(to: statement, at: index) }
}

extension UInt32: SQLValue {
    func bind(to statement: SQLiteStatement, at index: Int32) -> Int32 { Int64(self).bind(to: statement, at: index) }
}

extension Bool: SQLValue {
    func bind(to statement: SQLiteStatement, at index: Int32) -> Int32 {
        Int64(self ? 1 : 0).bind(to: statement, at: index)
    }
}

extension String: SQLValue {
    func bind(to statement: SQLiteStatement, at index: Int32) -> Int32 {
        var text = self
        return text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text(
                    statement, index, $0.baseAddress ?? Self.empty, Int32(clamping: $0.count), Database.transient)
            }
        }
    }

    /// Without an address SQLite would take NULL.
    private static var empty: UnsafePointer<CChar> { Database.someAddress.assumingMemoryBound(to: CChar.self) }
}

extension [UInt8]: SQLValue {
    func bind(to statement: SQLiteStatement, at index: Int32) -> Int32 {
        withUnsafeBytes {
            sqlite3_bind_blob64(
                statement, index, $0.baseAddress ?? Database.someAddress, UInt64($0.count), Database.transient)
        }
    }
}

extension Database {
    /// `SQLITE_TRANSIENT`, which C has as a macro: SQLite copies the value before the call returns.
    static var transient: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    /// Of a byte that is never read.
    fileprivate static var someAddress: UnsafeRawPointer { UnsafeRawPointer(("" as StaticString).utf8Start) }
}

/// The statements of the way of a message: prepared once, bound and read in place.
///
/// Each message runs some forty. GRDB's rows and arguments took longer than SQLite itself for most of them
/// (Documentation/benchmarks.md); what staff change goes through GRDB as before.
///
/// A statement is known by where its text stands in the program, so it must be a literal.
extension WriterState {
    /// Runs a statement that gives no rows.
    func run(_ sql: StaticString, _ values: any SQLValue...) throws { try step(sql, values) { _ in false } }

    /// Inserts and returns the row number.
    func insert(_ sql: StaticString, _ values: any SQLValue...) throws -> Int64 {
        try step(sql, values) { _ in false }
        return try connection().lastInsertedRowID
    }

    /// Changes rows and returns how many.
    func change(_ sql: StaticString, _ values: any SQLValue...) throws -> Int {
        try step(sql, values) { _ in false }
        return try connection().changesCount
    }

    /// The first row, or `nil`.
    func first<R>(_ sql: StaticString, _ values: any SQLValue..., read: (borrowing Columns) throws -> R) throws -> R? {
        var found: R?
        try step(sql, values) {
            found = try read($0)
            return false
        }
        return found
    }

    /// All rows. The statement is busy while `read` runs: it must not be run again there.
    func all<R>(_ sql: StaticString, _ values: any SQLValue..., read: (borrowing Columns) throws -> R) throws -> [R] {
        var found: [R] = []
        try step(sql, values) {
            found.append(try read($0))
            return true
        }
        return found
    }

    /// The first value of the first row, or `nil`.
    func integer(_ sql: StaticString, _ values: any SQLValue...) throws -> Int64? {
        var found: Int64?
        try step(sql, values) {
            found = $0.isNull(0) ? nil : $0.integer(0)
            return false
        }
        return found
    }

    /// - Parameter row: whether it wants another row.
    private func step(
        _ sql: StaticString, _ values: [any SQLValue], _ row: (borrowing Columns) throws -> Bool
    ) throws {
        let db = try connection()
        let prepared = try prepared(sql, in: db)
        try withExtendedLifetime(prepared) {
            let statement = prepared.sqliteStatement
            // What it holds of a message is overwritten by its next run, or goes with the connection.
            defer { sqlite3_reset(statement) }
            var index: Int32 = 1
            for value in values {
                let code = value.bind(to: statement, at: index)
                guard code == SQLITE_OK else { throw failure(code, sql, db) }
                index += 1
            }
            while true {
                let code = sqlite3_step(statement)
                if code == SQLITE_DONE { return }
                guard code == SQLITE_ROW else { throw failure(code, sql, db) }
                guard try row(Columns(statement)) else { return }
            }
        }
    }

    private func prepared(_ sql: StaticString, in db: Database) throws -> Statement {
        let key = UnsafeRawPointer(sql.utf8Start)
        if let known = statements[key] { return known }
        let made = try db.makeStatement(sql: "\(sql)")
        statements[key] = made
        return made
    }

    private func failure(_ code: Int32, _ sql: StaticString, _ db: Database) -> any Error {
        DatabaseError(resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage, sql: "\(sql)")
    }
}
