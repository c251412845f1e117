import Foundation
import GRDB
import StaffProtocol

/// Reads counts and sealed rows of a store beside the running daemon. It has no key and can show
/// no content.
public struct Inspector: Sendable {
    private let queue: DatabaseQueue

    /// - Throws: `StoreError.cannotOpen` when there is no store at `path`.
    public init(path: String) throws {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        guard FileManager.default.fileExists(atPath: path) else {
            throw StoreError.cannotOpen(path: path, reason: "there is no such file; was the daemon started once?")
        }
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw StoreError.cannotOpen(path: path, reason: "\(error)")
        }
    }

    public struct Counts: Codable, Sendable {
        public var contacts = 0
        public var messagesIn = 0
        public var messagesOut = 0
        public var unencryptedIn = 0
        public var waiting = 0
        public var outbox: [String: Int] = [:]
        public var setAside: [String: Int] = [:]
        public var failures: [String: Int] = [:]
        /// Times in which messages may be missing, that nobody has acknowledged.
        public var gaps: [ArchiveGap] = []
        /// The stream of each channel: since when, and across how many restarts.
        public var streams: [StreamCounts] = []
        /// Restores from a backup, oldest first.
        public var restores: [RestoreCounts] = []
    }

    public struct StreamCounts: Codable, Sendable {
        public let channel: String
        public let beganAt: Date
        public let restarts: Int
        /// Stanzas of the server that are committed, and of ours that it has taken.
        public let committed: Int64
        public let acknowledged: Int64
    }

    /// Counts without content.
    public func counts() throws -> Counts {
        try queue.read { db in
            func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: sql) ?? 0 }
            func table(_ sql: String) throws -> [String: Int] {
                try Row.fetchAll(db, sql: sql).reduce(into: [:]) { $0[$1[0]] = $1[1] }
            }
            // A store that no daemon of this version has opened yet has neither.
            let isNew = try db.tableExists("archive_gap")
            let gaps =
                !isNew
                ? []
                : try Row.fetchAll(
                    db,
                    sql: """
                        SELECT id, channel, from_at, until_at, found_at FROM archive_gap
                        WHERE acknowledged_at = 0 ORDER BY id
                        """
                ).map { ArchiveGap(id: $0[0], channel: $0[1], from: $0[2], until: $0[3], foundAt: $0[4]) }
            let streams =
                !isNew
                ? []
                : try Row.fetchAll(
                    db,
                    sql: "SELECT channel, began_at, restarts, committed, acknowledged FROM stream ORDER BY channel"
                ).map {
                    StreamCounts(
                        channel: $0[0], beganAt: Date(milliseconds: $0[1]), restarts: $0[2], committed: $0[3],
                        acknowledged: $0[4])
                }
            return Counts(
                contacts: try count("SELECT count(*) FROM contact"),
                messagesIn: try count("SELECT count(*) FROM message WHERE direction = 'in'"),
                messagesOut: try count("SELECT count(*) FROM message WHERE direction = 'out'"),
                unencryptedIn: try count(
                    "SELECT count(*) FROM message WHERE direction = 'in' AND protection = 'none'"),
                waiting: try count("SELECT count(*) FROM conversation WHERE waits_since > 0"),
                outbox: try table("SELECT stage, count(*) FROM outbox GROUP BY stage"),
                setAside: try table("SELECT code, count(*) FROM set_aside GROUP BY code"),
                failures: try table("SELECT failure, count(*) FROM outbox WHERE stage = 'failed' GROUP BY failure"),
                gaps: gaps, streams: streams, restores: try Self.restores(db))
        }
    }

    /// A stored row as anyone with the file sees it.
    public struct SealedRow: Codable, Sendable {
        public let kind: String
        public let id: Int64
        public let conversation: Int64
        public let storedAt: Date
        public let note: String
        public let size: Int
        /// The first bytes of the sealed record, in hexadecimal.
        public let begins: String
    }

    /// The last `limit` sealed rows, oldest first.
    public func sealedRows(limit: Int) throws -> [SealedRow] {
        try queue.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM (
                        SELECT 'message ' || direction AS kind, id, conversation_id, stored_at,
                            protection AS note, sealed FROM message
                        UNION ALL
                        SELECT 'set aside', id, conversation_id, stored_at, code, sealed FROM set_aside
                        UNION ALL
                        SELECT 'not sent', outbox.id, outbox.conversation_id, stage_at, failure, sealed
                        FROM outbox JOIN message ON message.id = outbox.message_id WHERE stage = 'failed'
                    ) ORDER BY stored_at DESC, id DESC LIMIT ?
                    """, arguments: [limit]
            ).reversed().map { row in
                let sealed = row.bytes("sealed")
                return SealedRow(
                    kind: row["kind"], id: row["id"], conversation: row["conversation_id"],
                    storedAt: Date(milliseconds: row["stored_at"]), note: row["note"], size: sealed.count,
                    begins: sealed.prefix(24).reduce(into: "") {
                        $0 += String($1 >> 4, radix: 16) + String($1 & 15, radix: 16)
                    })
            }
        }
    }

    public struct ConversationCounts: Codable, Sendable {
        public let conversation: Int64
        public let messagesIn: Int
        public let messagesOut: Int
        public let setAside: Int
    }

    /// How many messages each conversation holds.
    public func conversations() throws -> [ConversationCounts] {
        try queue.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT conversation.id,
                        (SELECT count(*) FROM message WHERE conversation_id = conversation.id AND direction = 'in'),
                        (SELECT count(*) FROM message WHERE conversation_id = conversation.id AND direction = 'out'),
                        (SELECT count(*) FROM set_aside WHERE conversation_id = conversation.id)
                    FROM conversation ORDER BY conversation.id
                    """
            ).map { ConversationCounts(conversation: $0[0], messagesIn: $0[1], messagesOut: $0[2], setAside: $0[3]) }
        }
    }

    /// Whether every line of the audit log follows from the one before it.
    public func auditChainHolds() throws -> Bool {
        try queue.read { db in
            var last: [UInt8] = []
            // A store that no daemon of this version has opened yet has lines of the first form only.
            let columns = Set(try db.columns(in: "audit").map(\.name))
            let hasActors = columns.contains("actor")
            let lines = try Row.fetchCursor(
                db,
                sql: """
                    SELECT at, kind, subject, chain, \(hasActors ? "actor, amount" : "'' AS actor, 0 AS amount"),
                        \(columns.contains("about") ? "about" : "'' AS about")
                    FROM audit ORDER BY id
                    """)
            while let line = try lines.next() {
                let next = AuditChain.next(
                    after: last, at: line["at"], kind: line["kind"], subject: line["subject"], actor: line["actor"],
                    amount: line["amount"], about: line["about"])
                guard next == line.bytes("chain") else { return false }
                last = next
            }
            return true
        }
    }

    /// What SQLite says about the file's integrity: `ok`, or what is wrong.
    public func integrity() throws -> String {
        try queue.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") ?? "no answer" }
    }

    /// Every table and column of the schema, for the data map's test.
    public func columns() throws -> [String: [String]] {
        try queue.read { db in
            let tables = try String.fetchAll(
                db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            return try tables.reduce(into: [:]) { result, table in
                result[table] = try db.columns(in: table).map(\.name)
            }
        }
    }
}
