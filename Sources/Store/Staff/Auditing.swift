import Foundation
import GRDB
import StaffProtocol

/// The audit log, and what is known of the bridge.
extension StoreStaffService {
    public func audit(after line: Int64, limit: Int, for viewer: Viewer) async throws -> AuditPage {
        _ = try scope(viewer, .listAudit)
        try Self.check(limit, "limit", 1...1000)
        return try await read { reader in
            let lines = try reader.db.rows(
                "SELECT id, at, kind, subject, actor, amount, chain, about FROM audit WHERE id > ? ORDER BY id LIMIT ?",
                [line, limit + 1]
            ).map { row in
                AuditLine(
                    id: row[0], at: row[1], kind: row[2], subject: row[3], actor: row[4], amount: row[5],
                    about: (row[7] as String).isEmpty ? nil : row[7], chain: row[6])
            }
            let page = Array(lines.prefix(limit))
            return AuditPage(lines: page, next: lines.count > limit ? page.last?.id ?? 0 : 0)
        }
    }

    public func reportOpened(_ report: OpenedReport, for viewer: Viewer) async throws -> Done {
        let scope = try scope(viewer, .reportOpened)
        guard report.items > 0, report.items <= 1_000_000_000 else {
            throw APIError(.malformed, "items: not a number of items")
        }
        return try await write { transaction in
            try transaction.reader().requireVisible(report.conversation, scope)
            try transaction.audit(
                "opened", subject: report.conversation, actor: viewer.member.rawValue, amount: report.items)
            return Done()
        }
    }

    public func suggest(_ request: SuggestionRequest, for viewer: Viewer) async throws -> Suggestions {
        _ = try scope(viewer, .suggest)
        guard request.text.count <= ReplyRequest.limit else {
            throw APIError(.tooLarge, "text: longer than \(ReplyRequest.limit) characters")
        }
        return try await ports.suggest(request.text)
    }

    public func status(for viewer: Viewer) async throws -> BridgeStatus {
        _ = try scope(viewer, .getStatus)
        let facts = await ports.facts()
        let now = now
        return try await read { reader in
            let db = reader.db
            func count(_ sql: String) throws -> Int { Int(try db.integer(sql) ?? 0) }
            func table(_ sql: String) throws -> [String: Int] {
                try db.rows(sql).reduce(into: [:]) { $0[$1[0]] = $1[1] }
            }
            // All but the confirmed ones are few, and have an index.
            var outbox = try table(
                """
                SELECT stage, count(*) FROM outbox WHERE stage IN ('intent', 'prepared') GROUP BY stage
                UNION ALL SELECT stage, count(*) FROM outbox WHERE stage = 'handed-over' GROUP BY stage
                UNION ALL SELECT stage, count(*) FROM outbox WHERE stage IN ('uncertain', 'failed') GROUP BY stage
                """)
            let confirmed = try count("SELECT count(*) FROM outbox") - outbox.values.reduce(0, +)
            if confirmed > 0 { outbox["confirmed"] = confirmed }
            return BridgeStatus(
                version: facts.version, startedAt: facts.startedAt, now: now, keyMode: facts.keyMode,
                channels: facts.channels,
                waiting: try count("SELECT count(*) FROM conversation WHERE waits_since > 0"),
                danger: try count("SELECT count(*) FROM conversation WHERE danger_since > 0"),
                outbox: outbox, setAside: try table("SELECT code, count(*) FROM set_aside GROUP BY code"),
                schemaVersion: try Migrations.all.appliedIdentifiers(db).max() ?? "",
                warnings: try facts.warnings + Alarms.shown(db, now: now),
                held: try count(
                    """
                    SELECT count(*) FROM outbox JOIN conversation ON conversation.id = outbox.conversation_id
                    WHERE outbox.stage = 'intent' AND personal = 1 AND outbox.protection <> 'none' AND new_devices > 0
                    """),
                gaps: try reader.openGaps())
        }
    }
}
