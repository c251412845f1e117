import GRDB

/// The connection on which pages for staff are read, on the caller's thread.
///
/// It is apart from those of the pool, which are for reads of any length: whoever waits for a page waits behind pages
/// only. Taking a connection of the pool, and beginning and ending a snapshot as GRDB does, takes half as long as
/// reading the rows; here the two statements stay prepared, and SQLite's cache stays warm.
final class PageReader: Sendable {
    private let queue: DatabaseQueue

    /// - Parameter path: of a store that is open already, its schema up to date.
    init(path: String) throws {
        var configuration = Store.configuration
        configuration.readonly = true
        configuration.label = "sila.pages"
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Reads in a snapshot of what is committed.
    func read<R>(_ body: (Database) throws -> R) throws -> R {
        try queue.unsafeRead { db in
            try db.step("BEGIN")
            defer {
                // GRDB stops the program when a connection is left inside of a transaction.
                if (try? db.step("COMMIT")) == nil { try? db.rollback() }
            }
            return try body(db)
        }
    }

    func close() { try? queue.close() }
}
