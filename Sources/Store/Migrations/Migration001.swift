import GRDB

/// The first schema. What each column holds, clear or sealed, stands in
/// `Documentation/data-map.md`; a test compares the two.
enum Migration001 {
    static func migrate(_ db: Database) throws {
        try db.execute(sql: people)
        try db.execute(sql: archive)
        try db.execute(sql: outbox)
        try db.execute(sql: ratchet)
        try db.execute(sql: invariants)
    }

    /// Times are milliseconds since 1970, days are days since 1970, both UTC.
    private static let people = """
        CREATE TABLE meta (
            name TEXT NOT NULL PRIMARY KEY,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE contact (
            id INTEGER PRIMARY KEY,
            created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE address (
            id INTEGER PRIMARY KEY,
            contact_id INTEGER NOT NULL REFERENCES contact(id),
            channel TEXT NOT NULL,
            lookup BLOB NOT NULL,
            routing BLOB NOT NULL,
            UNIQUE (channel, lookup)
        ) STRICT;

        CREATE TABLE conversation (
            id INTEGER PRIMARY KEY,
            address_id INTEGER NOT NULL UNIQUE REFERENCES address(id),
            contact_id INTEGER NOT NULL REFERENCES contact(id),
            created_at INTEGER NOT NULL,
            last_in_at INTEGER NOT NULL DEFAULT 0,
            waits_since INTEGER NOT NULL DEFAULT 0,
            outbox_not_before INTEGER NOT NULL DEFAULT 0,
            outbox_attempts INTEGER NOT NULL DEFAULT 0,
            dialogue BLOB NOT NULL DEFAULT x''
        ) STRICT;
        """

    private static let archive = """
        CREATE TABLE segment (
            id INTEGER PRIMARY KEY,
            token BLOB NOT NULL UNIQUE,
            contact_id INTEGER NOT NULL REFERENCES contact(id),
            day INTEGER NOT NULL,
            compartment TEXT NOT NULL,
            wrapped BLOB NOT NULL
        ) STRICT;
        CREATE INDEX segment_contact ON segment (contact_id);

        CREATE TABLE message (
            id INTEGER PRIMARY KEY,
            conversation_id INTEGER NOT NULL REFERENCES conversation(id),
            segment_id INTEGER NOT NULL,
            direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
            protection TEXT NOT NULL CHECK (protection IN ('end-to-end', 'none')),
            stored_at INTEGER NOT NULL,
            sealed BLOB NOT NULL
        ) STRICT;
        CREATE INDEX message_conversation ON message (conversation_id, id);

        CREATE TABLE set_aside (
            id INTEGER PRIMARY KEY,
            conversation_id INTEGER NOT NULL REFERENCES conversation(id),
            segment_id INTEGER NOT NULL,
            code TEXT NOT NULL,
            stored_at INTEGER NOT NULL,
            sealed BLOB NOT NULL
        ) STRICT;

        CREATE TABLE dedup (
            hash BLOB NOT NULL PRIMARY KEY,
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX dedup_expiry ON dedup (expires_at);

        CREATE TABLE archive_position (
            channel TEXT NOT NULL PRIMARY KEY,
            position TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE audit (
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            subject INTEGER NOT NULL,
            chain BLOB NOT NULL
        ) STRICT;
        """

    private static let outbox = """
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY,
            conversation_id INTEGER NOT NULL REFERENCES conversation(id),
            message_id INTEGER NOT NULL REFERENCES message(id),
            cause_id INTEGER NOT NULL,
            stage TEXT NOT NULL DEFAULT 'intent'
                CHECK (stage IN ('intent', 'prepared', 'handed-over', 'confirmed', 'uncertain', 'failed')),
            protection TEXT NOT NULL CHECK (protection IN ('end-to-end', 'none')),
            origin_id TEXT NOT NULL UNIQUE,
            text BLOB NOT NULL,
            prepared BLOB NOT NULL DEFAULT x'',
            created_at INTEGER NOT NULL,
            stage_at INTEGER NOT NULL,
            failure TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE INDEX outbox_due ON outbox (id) WHERE stage IN ('intent', 'prepared');
        CREATE INDEX outbox_unsettled ON outbox (id) WHERE stage = 'handed-over';
        CREATE INDEX outbox_shown ON outbox (id) WHERE stage IN ('uncertain', 'failed');
        """

    private static let ratchet = """
        CREATE TABLE ratchet_identity (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            device_id INTEGER NOT NULL,
            key_pair BLOB NOT NULL,
            next_prekey_id INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE prekey (
            id INTEGER PRIMARY KEY,
            record BLOB NOT NULL,
            used_at INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX prekey_used ON prekey (used_at) WHERE used_at > 0;

        CREATE TABLE signed_prekey (
            id INTEGER PRIMARY KEY,
            record BLOB NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE session (
            device BLOB NOT NULL PRIMARY KEY,
            record BLOB NOT NULL
        ) STRICT;

        CREATE TABLE device (
            device BLOB NOT NULL PRIMARY KEY,
            account BLOB NOT NULL,
            identity BLOB NOT NULL,
            trust TEXT NOT NULL,
            is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
            first_seen_at INTEGER NOT NULL,
            first_heard_at INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX device_account ON device (account);
        """

    /// What the program must never do is refused by the database itself.
    private static let invariants = """
        CREATE TRIGGER message_is_never_changed BEFORE UPDATE ON message
        BEGIN SELECT RAISE(ABORT, 'a stored message is never changed'); END;

        CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
        CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is never shortened'); END;

        CREATE TRIGGER outbox_stages BEFORE UPDATE OF stage ON outbox
        WHEN NOT (
            OLD.stage = NEW.stage
            OR (OLD.stage = 'intent' AND NEW.stage IN ('prepared', 'failed'))
            OR (OLD.stage = 'prepared' AND NEW.stage IN ('handed-over', 'failed'))
            OR (OLD.stage = 'handed-over' AND NEW.stage IN ('prepared', 'confirmed', 'uncertain', 'failed'))
        )
        BEGIN SELECT RAISE(ABORT, 'an outbox stage goes one way'); END;

        CREATE TRIGGER outbox_ciphertext_is_kept BEFORE UPDATE OF prepared ON outbox
        WHEN OLD.stage IN ('prepared', 'handed-over') AND NEW.stage IN ('prepared', 'handed-over')
            AND OLD.prepared <> NEW.prepared
        BEGIN SELECT RAISE(ABORT, 'a prepared message is sent as it was prepared'); END;
        """
}
