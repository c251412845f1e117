import Foundation
import GRDB
import Sealing
import StaffProtocol

/// A contact's own data: a copy for the person, and its end.
extension StoreStaffService {
    public func contactRecords(_ contact: Int64, for viewer: Viewer) async throws -> ContactRecords {
        _ = try scope(viewer, .getContactRecords)
        let records = try await read { try $0.records(of: contact) }
        let amount = Int64(records.items.count)
        try await write {
            try $0.audit("contact-exported", subject: contact, actor: viewer.member.rawValue, amount: amount)
        }
        return records
    }

    public func erase(_ contact: Int64, _ request: EraseRequest, _ call: Call) async throws -> ErasureReport {
        _ = try scope(call.viewer, .eraseContact)
        guard request.confirm == contact else {
            throw APIError(.refused, "confirm: give the contact's number once more; nothing was erased")
        }
        let report = try await change(call, .eraseContact, target: contact) { transaction, _, _ in
            try transaction.erase(contact: contact, by: call.viewer.member.rawValue)
        }
        remarks.removeAll()
        // Hygiene: the bytes leave the files too. A reader in its snapshot may hold this up; the hourly
        // clean-up does it again.
        try? await writer.reclaim()
        // Without the segment key nobody opens them; a file that cannot be removed now goes at the next start.
        try? await writer.removeForeignAttachments()
        return report
    }
}

extension Writer {
    /// Gives pages that hold nothing back, and empties the write-ahead log.
    func reclaim() async throws {
        try await perform { try $0.db().run("PRAGMA incremental_vacuum") }
        try checkpoint()
    }
}

extension StaffReader {
    fileprivate func records(of contact: Int64) throws -> ContactRecords {
        let createdAt = try db.integer("SELECT created_at FROM contact WHERE id = ?", [contact])
        guard let createdAt else { throw Refusal.noContact }
        let conversations = try db.rows("SELECT id FROM conversation WHERE contact_id = ? ORDER BY id", [contact])
        let addresses = try db.rows("SELECT lookup, routing FROM address WHERE contact_id = ? ORDER BY id", [contact])
        var records = ContactRecords(
            contact: contact, createdAt: createdAt, conversations: try conversations.map { try row(of: $0[0]) },
            addresses: [], items: [], segments: [])
        for address in addresses {
            let field = Field(table: "address", row: address.bytes("lookup"), column: "routing")
            // A damaged address keeps nobody from the rest of their data.
            guard let bytes = try? key.open(address.bytes("routing"), in: field) else { continue }
            records.addresses.append(String(decoding: bytes, as: UTF8.self))
        }
        var seen: Set<Data> = []
        var place: Int64? = 0
        while let from = place {
            var found = try items(
                where:
                    "item.conversation_id IN (SELECT id FROM conversation WHERE contact_id = ?) AND item.position > ?",
                [.integer(contact), .integer(from)], order: .ascending, limit: 1000)
            try addAttachments(to: &found.items)
            records.items += found.items
            records.segments += found.segments.filter { seen.insert($0.token).inserted }
            place = found.isLast ? nil : found.last
        }
        return records
    }
}

extension Transaction {
    /// What stays, and why, stands in `Documentation/data-map.md`.
    private static let remains = ["audit-lines", "dedup-hashes", "key-backups-30-days", "server-archive"]

    /// Deletes a contact: segment keys, sealed rows, entries, addresses, dialogue, texts on their way,
    /// ratchets and devices.
    fileprivate func erase(contact: Int64, by member: String) throws -> ErasureReport {
        let db = try db()
        guard try db.integer("SELECT 1 FROM contact WHERE id = ?", [contact]) != nil else { throw Refusal.noContact }
        // The triggers that keep rows let exactly this contact's go.
        try db.run("INSERT INTO erasing (contact_id) VALUES (?)", [contact])
        let others = try forgetArrival(of: contact)
        try keepNumbers()
        let conversations = try db.rows("SELECT id, assigned_to FROM conversation WHERE contact_id = ?", [contact])
        var records = 0
        for row in conversations { records += try eraseItems(of: row[0]) }
        try db.run(
            """
            DELETE FROM session WHERE device IN (SELECT device.device FROM device
                JOIN address ON address.lookup = device.account WHERE address.contact_id = ?)
            """, [contact])
        try db.run(
            "DELETE FROM device WHERE account IN (SELECT lookup FROM address WHERE contact_id = ?)", [contact])
        try db.run("DELETE FROM segment WHERE contact_id = ?", [contact])
        let segmentKeys = db.changesCount
        try db.run("DELETE FROM conversation WHERE contact_id = ?", [contact])
        try db.run("DELETE FROM address WHERE contact_id = ?", [contact])
        let addresses = db.changesCount
        try db.run("DELETE FROM contact WHERE id = ?", [contact])
        try db.run("DELETE FROM erasing")
        state.forgetSegments()
        state.memory = TransactionMemory()
        for row in conversations { try addEvent(.erased, conversation: row[0], member: row[1]) }
        try audit("contact-erased", subject: contact, actor: member, amount: Int64(records))
        return ErasureReport(
            segmentKeys: segmentKeys, records: records, addresses: addresses, remains: Self.remains,
            linked: others.isEmpty ? nil : others)
    }

    private func eraseItems(of conversation: Int64) throws -> Int {
        let db = try db()
        try db.run(
            """
            DELETE FROM outbox WHERE message_id IN
                (SELECT row_id FROM item WHERE conversation_id = ? AND kind = 'message')
            """, [conversation])
        var records = 0
        for table in ["message", "set_aside", "entry"] {
            try db.run("DELETE FROM \(table) WHERE conversation_id = ?", [conversation])
            records += db.changesCount
        }
        try db.run("DELETE FROM attachment WHERE conversation_id = ?", [conversation])
        try db.run("DELETE FROM item WHERE conversation_id = ?", [conversation])
        try db.run("DELETE FROM reply_key WHERE conversation_id = ?", [conversation])
        try db.run("DELETE FROM message_name WHERE conversation_id = ?", [conversation])
        // What staff were answered tells of what was written.
        try db.run("DELETE FROM idempotency WHERE conversation_id = ?", [conversation])
        return records
    }

    /// Row numbers stand in the audit log, with clients and, of the outbox, with channels: they never come again.
    private func keepNumbers() throws {
        for table in NumberedTable.allCases {
            try db().run(
                "INSERT OR REPLACE INTO number_floor (name, number) VALUES (?, ?)",
                [table.rawValue, try lastNumber(of: table)])
        }
    }
}
