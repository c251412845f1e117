import Foundation
import GRDB
import Sealing
import StaffProtocol

/// Items as they lie in the archive.
extension StaffReader {
    /// Items with their segments.
    struct Items {
        var items: [SealedItem] = []
        var segments: [SealedSegment] = []
        /// Whether there was no more.
        var isLast = true
        /// The place of the last item read.
        var last: Int64?
    }

    enum Order: String { case ascending = "ASC", descending = "DESC" }

    /// Bytes of sealed records in one answer, beyond which it ends early.
    static let byteLimit = 8 << 20

    /// Messages, which are nearly all, come with the item; the others one by one.
    private static let columns = """
        SELECT item.position, item.kind, item.row_id, item.conversation_id, item.stored_at,
            message.segment_id, message.direction, message.protection, message.sealed, outbox.stage,
            CASE WHEN outbox.stage = 'intent' AND outbox.personal = 1 AND outbox.protection <> 'none'
                AND (SELECT new_devices FROM conversation WHERE id = outbox.conversation_id) > 0
                THEN 'new-device' ELSE outbox.failure END
        FROM item
        LEFT JOIN message ON item.kind = 'message' AND message.id = item.row_id
        LEFT JOIN outbox ON message.direction = 'out' AND outbox.message_id = message.id
        """

    /// - Parameter condition: over `item`, with a parameter for each argument.
    func items(where condition: String, _ arguments: [Argument], order: Order, limit: Int) throws -> Items {
        let sql = "\(Self.columns) WHERE \(condition) ORDER BY item.position \(order.rawValue) LIMIT ?"
        var result = Items()
        var segmentIDs: [Int64] = []
        var (bytes, count) = (0, 0)
        try db.read(sql, arguments + [.integer(Int64(limit))]) { row in
            if bytes > Self.byteLimit {
                result.isLast = false
                return false
            }
            count += 1
            result.last = row.integer(0)
            guard let (item, segment) = try item(row) else { return true }
            bytes += item.sealed.count
            result.items.append(item)
            segmentIDs.append(segment)
            return true
        }
        if count == limit { result.isLast = false }
        try addSegments(segmentIDs, to: &result)
        return result
    }

    /// The item, and the row of its segment.
    private func item(_ row: borrowing Columns) throws -> (SealedItem, Int64)? {
        guard let kind = SealedItem.Kind(rawValue: row.text(1)) else { return nil }
        let (position, id, conversation) = (row.integer(0), row.integer(2), row.integer(3))
        switch kind {
        case .message:
            // A row that the file lost is left out; the rest is served.
            guard !row.isNull(5) else { return nil }
            let item = SealedItem(
                kind: kind, id: id, position: position, conversation: conversation, segment: Data(),
                storedAt: row.integer(4), sealed: row.data(8), direction: row.textIfAny(6),
                protection: row.textIfAny(7), stage: row.textIfAny(9),
                code: row.textIfAny(10).flatMap { $0.isEmpty ? nil : $0 })
            return (item, row.integer(5))
        case .unreadable:
            let storedAt = row.integer(4)
            let found = try db.row("SELECT segment_id, code, sealed FROM set_aside WHERE id = ?", [id])
            return found.map { found in
                (
                    SealedItem(
                        kind: kind, id: id, position: position, conversation: conversation, segment: Data(),
                        storedAt: storedAt, sealed: found[2], code: found[1]), found[0]
                )
            }
        case .note, .tag, .task, .proposal:
            return try entryRow(id).map { (sealedItem(ofEntry: $0), $0["segment_id"]) }
        }
    }

    func entryRow(_ id: Int64) throws -> Row? { try db.row("SELECT * FROM entry WHERE id = ?", [id]) }

    private func sealedItem(ofEntry row: Row) -> SealedItem {
        func text(_ column: String) -> String? { (row[column] as String).isEmpty ? nil : row[column] }
        let (due, closedAt): (Int32, Int64) = (row["due"], row["closed_at"])
        return SealedItem(
            kind: SealedItem.Kind(rawValue: row["kind"]) ?? .note, id: row["id"], position: row["position"],
            conversation: row["conversation_id"], segment: Data(), token: row["token"], storedAt: row["stored_at"],
            sealed: row["sealed"], author: row["author"], assignee: text("assignee"), due: due == 0 ? nil : due,
            closedAt: closedAt == 0 ? nil : closedAt, closedBy: text("closed_by"), outcome: text("outcome"))
    }

    /// One entry with its segment. Throws `notFound`.
    func sealedEntry(_ id: Int64) throws -> SealedItem {
        guard let row = try entryRow(id) else { throw Refusal.noEntry }
        var result = Items(items: [sealedItem(ofEntry: row)])
        try addSegments([row["segment_id"]], to: &result)
        return result.items[0]
    }

    /// Puts the segments beside the items, each once, in the order in which they are met.
    private func addSegments(_ ids: [Int64], to result: inout Items) throws {
        let list = "[" + Set(ids).map(String.init).joined(separator: ",") + "]"
        var segments: [Int64: SealedSegment] = [:]
        try db.read(
            """
            SELECT id, token, contact_id, day, compartment, wrapped FROM segment
            WHERE id IN (SELECT value FROM json_each(?))
            """, [.text(list)]
        ) { row in
            segments[row.integer(0)] = SealedSegment(
                token: row.data(1), contact: row.integer(2), day: Int32(clamping: row.integer(3)),
                compartment: Compartment(rawValue: row.text(4)) ?? .conversation, wrapped: row.data(5))
            return true
        }
        var met: Set<Int64> = []
        for (index, id) in ids.enumerated() {
            guard let segment = segments[id] else { continue }
            result.items[index].segment = segment.token
            if met.insert(id).inserted { result.segments.append(segment) }
        }
    }
}
