import Foundation
import GRDB
import GRDBSQLite

/// The row on which a statement stands, its columns read in place.
///
/// Pages read thousands of values a request. `Row` copies each row and decodes each value through generic code that
/// is not specialised outside of GRDB: for an inbox page that took longer than SQLite and the bot's notes together.
struct Columns: ~Copyable {
    private let statement: SQLiteStatement

    init(_ statement: SQLiteStatement) { self.statement = statement }

    /// 0 for NULL.
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    /// Empty for NULL.
    func text(_ column: Int32) -> String {
        sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
    }

    /// `nil` for NULL.
    func textIfAny(_ column: Int32) -> String? { sqlite3_column_text(statement, column).map { String(cString: $0) } }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

    func data(_ column: Int32) -> Data { withBytes(column) { Data($0) } }

    /// Empty for NULL.
    func bytes(_ column: Int32) -> [UInt8] { withBytes(column) { [UInt8]($0) } }

    /// The bytes are SQLite's own: valid inside of `body` only.
    func withBytes<R>(_ column: Int32, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        // In this order: the pointer is what the length belongs to (sqlite.org, "Result Values From A Query").
        let start = sqlite3_column_blob(statement, column)
        return try body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }
}

/// What a statement of a page is asked with.
enum Argument {
    case integer(Int64)
    case text(String)
}

extension Database {
    /// Reads rows of a statement that is prepared once a connection, until `body` returns false.
    ///
    /// - Parameters:
    ///   - sql: not to be read with again inside of `body`: there is one statement for it.
    ///   - arguments: in the order of the parameters.
    /// - Throws: `DatabaseError`; `CancellationError` when the task that reads was cancelled; what `body` throws.
    func read(_ sql: String, _ arguments: [Argument] = [], _ body: (borrowing Columns) throws -> Bool) throws {
        let cached = try cachedStatement(sql: sql)
        try withExtendedLifetime(cached) {
            let statement = cached.sqliteStatement
            // Left standing on a row, it would hold on to the snapshot.
            defer { sqlite3_reset(statement) }
            for (index, argument) in zip(Int32(1)..., arguments) {
                let code =
                    switch argument {
                    case .integer(let value): sqlite3_bind_int64(statement, index, value)
                    case .text(let value): sqlite3_bind_text(statement, index, value, -1, Self.transient)
                    }
                guard code == SQLITE_OK else { throw failure(code, sql) }
            }
            let columns = Columns(statement)
            while true {
                let code = sqlite3_step(statement)
                if code == SQLITE_DONE { return }
                guard code == SQLITE_ROW else { throw failure(code, sql) }
                guard try body(columns) else { return }
            }
        }
    }

    /// Runs a statement that gives no rows.
    func step(_ sql: String) throws { try read(sql) { _ in true } }

    /// The first value of the first row; 0 without one.
    func number(_ sql: String, _ arguments: [Argument] = []) throws -> Int64 {
        var number: Int64 = 0
        try read(sql, arguments) {
            number = $0.integer(0)
            return false
        }
        return number
    }

    private func failure(_ code: Int32, _ sql: String) -> any Error {
        if code & 0xff == SQLITE_INTERRUPT { return CancellationError() }
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: lastErrorMessage, sql: sql)
    }
}
