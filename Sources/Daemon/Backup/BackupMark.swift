import Foundation

/// When the last backup was made: a file beside the store, which `silad backup` writes and the daemon reads.
struct BackupMark {
    private let path: String

    private struct Stored: Codable {
        var version: Int
        var madeAt: Int64
    }

    init(storePath: String) {
        path = URL(fileURLWithPath: storePath).deletingLastPathComponent().path + "/last-backup.json"
    }

    func write(madeAt: Date) throws {
        let stored = Stored(version: 1, madeAt: Int64(madeAt.timeIntervalSince1970 * 1000))
        try AtomicFile.write(Array(try JSONEncoder().encode(stored)) + [0x0a], to: path, mode: 0o600)
    }

    /// `nil` when there was none; a damaged file counts as none.
    func read() -> Date? {
        guard let bytes = FileManager.default.contents(atPath: path),
            let stored = try? JSONDecoder().decode(Stored.self, from: bytes), stored.version == 1
        else { return nil }
        return Date(timeIntervalSince1970: Double(stored.madeAt) / 1000)
    }

    /// What staff are told: a fixed word, or nothing.
    ///
    /// - Parameter begunAt: when the deployment's first line was written; one that has just begun owes no backup.
    func warning(overdueDays: Int, begunAt: Date?, now: Date = Date()) -> String? {
        let period = Double(overdueDays) * 86_400
        if let last = read() { return now.timeIntervalSince(last) > period ? "backup-old" : nil }
        guard let begunAt, now.timeIntervalSince(begunAt) > period else { return nil }
        return "backup-never"
    }
}
