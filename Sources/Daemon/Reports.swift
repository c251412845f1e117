import DeploymentConfiguration
import Foundation
import Store

/// `silad status`: counts, never content.
public struct StatusReport {
    private let counts: Inspector.Counts?
    /// A daemon runs and waits for its working key.
    private let isLocked: Bool
    private let backup: BackupAge

    /// How old the last backup is.
    struct BackupAge: Encodable {
        let lastAt: Date?
        let isOverdue: Bool
    }

    /// - Throws: `StoreError` when there is no store yet; not so while the daemon waits locked.
    public init(configurationPath: String) throws {
        let configuration = try SilaConfiguration.load(from: configurationPath)
        isLocked = HealthProbe.ask(socket: configuration.staff.socket)?.state == .locked
        do {
            counts = try Inspector(path: configuration.store.path).counts()
        } catch  where isLocked {
            // Key mode `operator`: the store is made when the key is given first.
            counts = nil
        }
        let last = BackupMark(storePath: configuration.store.path).read()
        backup = BackupAge(
            lastAt: last,
            isOverdue: last.map { -$0.timeIntervalSinceNow > Double(configuration.backup.overdueDays) * 86_400 } ?? true
        )
    }

    private struct Report: Encodable {
        let counts: Inspector.Counts?
        let isLocked: Bool
        let backup: BackupAge

        private enum Keys: String, CodingKey { case locked, backup }

        /// The counts, and beside them whether it is locked.
        func encode(to encoder: any Encoder) throws {
            try counts?.encode(to: encoder)
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(isLocked, forKey: .locked)
            try container.encode(backup, forKey: .backup)
        }
    }

    public func text(json: Bool) throws -> String {
        if json { return try JSONText.make(Report(counts: counts, isLocked: isLocked, backup: backup)) }
        let locked = "locked             waits for its working key: 'sila bridge open' gives it"
        guard let counts else { return locked + "\nthe store is made when the key is given for the first time" }
        return (isLocked ? locked + "\n" : "") + text(counts)
    }

    private func text(_ counts: Inspector.Counts) -> String {
        var lines = [
            "contacts           \(counts.contacts)",
            "messages in        \(counts.messagesIn), of them \(counts.unencryptedIn) not encrypted",
            "messages out       \(counts.messagesOut)",
            "wait for a person  \(counts.waiting == 1 ? "1 conversation" : "\(counts.waiting) conversations")",
            "outbox             \(list(counts.outbox))",
            "set aside          \(list(counts.setAside))",
        ]
        if !counts.failures.isEmpty { lines.append("failed             \(list(counts.failures))") }
        for stream in counts.streams {
            let across =
                stream.restarts == 0
                ? "" : ", resumed across \(stream.restarts == 1 ? "1 restart" : "\(stream.restarts) restarts")"
            lines.append("stream \(stream.channel)        since \(Self.clock(stream.beganAt))\(across)")
        }
        for gap in counts.gaps {
            let from = gap.from == 0 ? "an unknown time" : Self.clock(gap.from)
            lines.append(
                "GAP \(gap.channel)           messages may be missing between \(from) and \(Self.clock(gap.until)): "
                    + "'sila bridge gaps' says what to do")
        }
        for restore in counts.restores {
            lines.append(
                "restored           on \(Self.clock(restore.restoredAt)) from a backup of \(Self.clock(restore.backupAt)), "
                    + "generation \(restore.generation)")
        }
        let last = backup.lastAt.map(Self.clock) ?? "never"
        lines.append("backup             \(last)\(backup.isOverdue ? ", OVERDUE: 'silad backup' makes one" : "")")
        return lines.joined(separator: "\n")
    }

    private static func clock(_ milliseconds: Int64) -> String {
        clock(Date(timeIntervalSince1970: Double(milliseconds) / 1000))
    }

    /// Minutes, UTC: `2026-11-21 14:03Z`.
    private static func clock(_ date: Date) -> String {
        let text = date.formatted(.iso8601)
        return text.prefix(16).replacingOccurrences(of: "T", with: " ") + "Z"
    }

    private func list(_ table: [String: Int]) -> String {
        if table.isEmpty { return "nothing" }
        return table.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}

/// `silad store show`: rows as they lie on the disk.
public struct SealedRowsReport {
    private let rows: [Inspector.SealedRow]

    public init(configurationPath: String, limit: Int) throws {
        let configuration = try SilaConfiguration.load(from: configurationPath)
        rows = try Inspector(path: configuration.store.path).sealedRows(limit: limit)
    }

    public func text(json: Bool) throws -> String {
        if json { return try JSONText.make(rows) }
        if rows.isEmpty { return "the store holds no message yet" }
        let lines = rows.map { row in
            let kind = row.kind.padding(toLength: 12, withPad: " ", startingAt: 0)
            let note = row.note.padding(toLength: 11, withPad: " ", startingAt: 0)
            return "\(row.id)  \(kind)conversation \(row.conversation)  \(note) \(row.size) bytes  \(row.begins)…"
        }
        return lines.joined(separator: "\n")
    }
}

enum JSONText {
    static func make(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.dateEncodingStrategy = .iso8601
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
