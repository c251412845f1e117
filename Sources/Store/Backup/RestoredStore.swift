import Backup
import GRDB
import Messaging
import StaffProtocol

/// What must be other than it was when the backup was made, because time has passed that the backup knows nothing of.
struct RestoredStore {
    let db: Database
    let data: BackupHeader
    let keys: BackupHeader
    let now: Int64

    /// Ids and numbers that the lost time cannot have used: so many, and so many more for each minute since the
    /// backup was made. The minutes also tell two restores of the same backup apart
    /// (`Documentation/decisions/0020-backup.md` has the reckoning).
    private enum Gap {
        static let preKeys: (base: Int64, minute: Int64) = (65_536, 16)
        static let people: (base: Int64, minute: Int64) = (1_000, 1)
        static let rows: (base: Int64, minute: Int64) = (100_000, 100)
        static let order: (base: Int64, minute: Int64) = (1_000_000, 1_000)
    }

    /// libsignal's medium range (`PRE_KEY_MEDIUM_MAX_VALUE`), less what a first bundle and some years need.
    private static let lastFirstPreKey: Int64 = 0xFF_FFFE - 65_536

    func begin() throws -> StoreRestore.Report {
        try dropWhatIsNewer()
        let erased = try eraseAgain()
        try endUploads()
        let underWay = try settleLater()
        try countAgain()
        try moveNumbers()
        let generation = data.generation + 1
        try db.run(
            "INSERT INTO restore (generation, backup, backup_at, restored_at) VALUES (?, ?, ?, ?)",
            [generation, data.backup.data, data.madeAt, now])
        let alarm = Alarm.restoredFromBackup.rawValue
        try audit(alarm, subject: generation)
        try db.run(
            """
            INSERT INTO alarm (kind, first_at, last_at, count) VALUES (?1, ?2, ?2, 1)
            ON CONFLICT (kind) DO UPDATE SET last_at = excluded.last_at, count = count + 1
            """, [alarm, now])
        return StoreRestore.Report(
            generation: generation, backupAt: .init(milliseconds: data.madeAt), erased: erased, underWay: underWay)
    }

    private var minutes: Int64 { (now - data.madeAt) / 60_000 }

    /// Keys that were made after the data name rows that the data does not have.
    private func dropWhatIsNewer() throws {
        try db.execute(
            sql: """
                DELETE FROM outbox WHERE message_id NOT IN (SELECT id FROM message);
                DELETE FROM attachment WHERE conversation_id NOT IN (SELECT id FROM conversation)
                    OR (message_id > 0 AND message_id NOT IN (SELECT id FROM message));
                DELETE FROM address WHERE id NOT IN (SELECT address_id FROM conversation);
                DELETE FROM segment WHERE contact_id NOT IN (SELECT contact_id FROM conversation);
                DELETE FROM arrival_card WHERE contact_id NOT IN (SELECT contact_id FROM conversation);
                DELETE FROM contact WHERE id NOT IN (SELECT contact_id FROM conversation);
                """)
    }

    /// Whoever was erased after the data was made is not in the keys: their rows go here as they went there.
    private func eraseAgain() throws -> Int {
        let gone = try db.rows(
            """
            SELECT contact_id, count(*) FROM conversation WHERE contact_id NOT IN (SELECT id FROM contact)
                OR address_id NOT IN (SELECT id FROM address) GROUP BY contact_id ORDER BY contact_id
            """)
        guard !gone.isEmpty else { return 0 }
        try db.execute(
            sql: """
                CREATE TEMP TABLE gone AS SELECT id, contact_id FROM conversation
                    WHERE contact_id NOT IN (SELECT id FROM contact) OR address_id NOT IN (SELECT id FROM address);
                DELETE FROM outbox WHERE conversation_id IN (SELECT id FROM gone);
                DELETE FROM message WHERE conversation_id IN (SELECT id FROM gone);
                DELETE FROM set_aside WHERE conversation_id IN (SELECT id FROM gone);
                DELETE FROM entry WHERE conversation_id IN (SELECT id FROM gone);
                DELETE FROM item WHERE conversation_id IN (SELECT id FROM gone);
                DELETE FROM attachment WHERE conversation_id IN (SELECT id FROM gone);
                DELETE FROM reply_key WHERE conversation_id IN (SELECT id FROM gone);
                DELETE FROM message_name WHERE conversation_id IN (SELECT id FROM gone);
                DELETE FROM idempotency WHERE conversation_id IN (SELECT id FROM gone);
                DELETE FROM arrival_try WHERE conversation_id IN (SELECT id FROM gone);
                DELETE FROM segment WHERE contact_id IN (SELECT contact_id FROM gone);
                DELETE FROM arrival_card WHERE contact_id IN (SELECT contact_id FROM gone);
                DELETE FROM contact_link WHERE contact_id IN (SELECT contact_id FROM gone)
                    OR person_id IN (SELECT contact_id FROM gone);
                UPDATE conversation SET person_id = 0 WHERE person_id IN (SELECT contact_id FROM gone);
                DELETE FROM conversation WHERE id IN (SELECT id FROM gone);
                DELETE FROM address WHERE contact_id IN (SELECT contact_id FROM gone);
                DELETE FROM contact WHERE id IN (SELECT contact_id FROM gone);
                DROP TABLE gone;
                """)
        for row in gone { try audit("contact-erased", subject: row[0]) }
        return gone.count
    }

    /// A file of staff that was being laid down: its message may have left in the lost time, under an address that
    /// nobody knows any more. Laid down again it could arrive twice, so staff are shown that it is not known.
    private func endUploads() throws {
        try db.run(
            """
            UPDATE outbox SET stage = 'uncertain', failure = 'restored', text = x'', prepared = x'', stage_at = ?
            WHERE stage = 'intent' AND message_id IN
                (SELECT message_id FROM attachment WHERE state = 'uploading' AND message_id > 0)
            """, [now])
        try db.run(
            """
            UPDATE attachment SET state = 'failed', failure = 'restored', source = x''
            WHERE state = 'uploading' AND message_id > 0
            """)
    }

    /// Counts that lie with the data, of rows that lie with the keys, which may be later: a device that awaits a
    /// decision must hold back what concerns the person whichever of the two is newer.
    private func countAgain() throws {
        try db.run(
            """
            UPDATE conversation SET
                new_devices = (SELECT count(*) FROM device JOIN address ON address.lookup = device.account
                    WHERE address.id = conversation.address_id AND address.channel = 'xmpp' AND device.is_active = 1
                        AND device.trust <> 'compromised'
                        AND (device.trust = 'unconfirmed' OR length(device.claimed) > 0)),
                troubled = troubled + (SELECT count(*) FROM outbox WHERE outbox.conversation_id = conversation.id
                    AND outbox.stage IN ('uncertain', 'failed') AND outbox.stage_at > ?1)
            """, [data.madeAt])
        try db.run(
            """
            UPDATE conversation SET (unheard_voice, voice_since) = (
                SELECT count(*), ifnull(min(stored_at), 0) FROM attachment
                WHERE conversation_id = conversation.id AND kind = 'voice' AND direction = 'in' AND heard_at = 0)
            """)
    }

    /// What had not been confirmed may have left in the time that the backup knows nothing of, with another
    /// ciphertext under the same origin id. It counts as handed over, without bytes: the server's archive tells, and
    /// what it surely does not have is encrypted anew.
    private func settleLater() throws -> Int {
        try db.run(
            """
            UPDATE outbox SET
                -- What had not left when the backup was made cannot have left before it.
                stage_at = CASE WHEN stage = 'handed-over' THEN stage_at ELSE ?1 END,
                stage = 'handed-over', prepared = x'', stream = 0, stanza = 0
            WHERE stage IN ('intent', 'prepared', 'handed-over') AND conversation_id IN
                (SELECT id FROM conversation WHERE is_practice = 0)
            """, [keys.madeAt])
        return db.changesCount
    }

    private func moveNumbers() throws {
        let next = try db.integer("SELECT next_prekey_id FROM ratchet_identity WHERE id = 1")
        if let next {
            let first = next + Gap.preKeys.base + Gap.preKeys.minute * minutes
            guard first <= Self.lastFirstPreKey else { throw RestoreError.idsExhausted }
            try db.run("UPDATE ratchet_identity SET next_prekey_id = ? WHERE id = 1", [first])
        }
        for table in NumberedTable.allCases {
            let gap = table == .contact || table == .conversation ? Gap.people : Gap.rows
            try db.run(
                """
                INSERT OR REPLACE INTO number_floor (name, number)
                VALUES (?1, max(ifnull((SELECT max(id) FROM \(table.rawValue)), 0),
                    ifnull((SELECT number FROM number_floor WHERE name = ?1), 0)) + ?2)
                """, [table.rawValue, gap.base + gap.minute * minutes])
        }
        for (table, gap) in [
            ("item", Gap.order), ("staff_event", Gap.order), ("entry", Gap.rows), ("attachment", Gap.rows),
        ] {
            // SQLite has no unique key there.
            let last = try db.integer("SELECT max(seq) FROM sqlite_sequence WHERE name = ?", [table]) ?? 0
            try db.run("DELETE FROM sqlite_sequence WHERE name = ?", [table])
            try db.run(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)",
                [table, last + gap.base + gap.minute * minutes])
        }
    }

    private func audit(_ kind: String, subject: Int64) throws {
        let last = try db.row("SELECT chain FROM audit ORDER BY id DESC LIMIT 1")?.bytes("chain") ?? []
        let chain = AuditChain.next(
            after: last, at: now, kind: kind, subject: subject, actor: "", amount: 0, about: "")
        try db.run(
            "INSERT INTO audit (at, kind, subject, actor, amount, about, chain) VALUES (?, ?, ?, '', 0, '', ?)",
            [now, kind, subject, chain.data])
    }
}
