import GRDB

/// What can go wrong with the store, each with what to do about it.
public enum StoreError: Error, Sendable, CustomStringConvertible {
    /// The file was written by a newer version of Sila.
    case newerVersion(path: String)
    /// The file is not an SQLite database, or damaged.
    case notADatabase(path: String)
    /// The folder or file cannot be opened or written.
    case cannotOpen(path: String, reason: String)
    /// `PRAGMA synchronous` did not read back as FULL: a commit would not be durable.
    case notDurable(found: Int)
    /// The working key does not open this store: the key file belongs to another deployment.
    case wrongWorkingKey
    /// A field of the working ring did not open: changed on disk, or moved from another row.
    case damagedField(table: String, column: String)
    /// The writer was used outside a transaction: an error in the program.
    case outsideTransaction
    /// A row that must exist does not.
    case missingRow(table: String)
    /// The store cannot be written now (disk full, I/O error); the work was rolled back.
    case notWritable(code: Int32, reason: String)
    /// The writer is closed.
    case closed

    public var description: String {
        switch self {
        case .newerVersion(let path):
            "the store \(path) was written by a newer version of Sila: start that version, or restore a backup"
        case .notADatabase(let path):
            "\(path) is not a store of Sila or is damaged: check store.path, or restore a backup"
        case .cannotOpen(let path, let reason):
            "the store \(path) cannot be opened: \(reason)"
        case .notDurable(let found):
            "the store would not be durable (synchronous is \(found), not 2): refusing to start"
        case .wrongWorkingKey:
            "the working key does not belong to this store: check keys.working-key"
        case .damagedField(let table, let column):
            "a sealed field does not open (\(table).\(column)): the file was changed on disk"
        case .outsideTransaction:
            "the store was used outside a transaction: please report this"
        case .missingRow(let table):
            "a row of \(table) is missing: please report this"
        case .notWritable(let code, let reason):
            "the store cannot be written now (\(reason), SQLite \(code)): free space or mend the disk; nothing is lost"
        case .closed:
            "the store is closed"
        }
    }

    /// Sorts what SQLite reports: an error of the disk is the same for every message and passes;
    /// any other error belongs to the one message that caused it.
    static func environmental(_ error: any Error) -> StoreError? {
        if let error = error as? StoreError {
            switch error {
            case .notWritable, .closed, .outsideTransaction: return error
            default: return nil
            }
        }
        guard let error = error as? DatabaseError else { return nil }
        switch error.resultCode {
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_BUSY, .SQLITE_NOMEM, .SQLITE_CANTOPEN, .SQLITE_READONLY,
            .SQLITE_PROTOCOL, .SQLITE_INTERRUPT, .SQLITE_ABORT:
            return .notWritable(
                code: error.extendedResultCode.rawValue, reason: error.message ?? "no reason given")
        default:
            return nil
        }
    }
}
