import Foundation
import GRDB
import StaffProtocol

/// Gaps in the archive: shown until a member says that they were dealt with.
extension StaffReader {
    /// Those that nobody has acknowledged, oldest first.
    func openGaps() throws -> [ArchiveGap] {
        try db.rows(
            "SELECT id, channel, from_at, until_at, found_at FROM archive_gap WHERE acknowledged_at = 0 ORDER BY id"
        ).map { ArchiveGap(id: $0[0], channel: $0[1], from: $0[2], until: $0[3], foundAt: $0[4]) }
    }
}

extension Transaction {
    /// Those that nobody has acknowledged, oldest first.
    public func openGaps() throws -> [ArchiveGap] { try reader().openGaps() }
}

extension StoreStaffService {
    /// Takes the gaps up to `request.upTo` off everybody's screen; who did it stays in the store and the audit log.
    public func acknowledgeGaps(_ request: AcknowledgeGaps, _ call: Call) async throws -> Done {
        let member = call.viewer.member.rawValue
        return try await change(call, .acknowledgeGaps, target: request.upTo) { transaction, reader, _ in
            let open = try reader.openGaps().filter { $0.id <= request.upTo }
            for gap in open {
                try transaction.db().run(
                    "UPDATE archive_gap SET acknowledged_at = ?, acknowledged_by = ? WHERE id = ?",
                    [transaction.now.milliseconds, member, gap.id])
                try transaction.audit("archive-gap-acknowledged", subject: gap.id, actor: member)
            }
            if !open.isEmpty { try transaction.addEvent(.channel) }
            return Done()
        }
    }
}
