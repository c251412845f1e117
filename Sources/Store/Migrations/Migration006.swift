import GRDB

/// Devices of a contact that came later, or claim another key, hold back what concerns the person
/// (`Documentation/decisions/0017-hold-back.md`). Which message another one corrects, takes back or reacts to.
/// Alarms that staff must see.
enum Migration006 {
    static func migrate(_ db: Database) throws {
        try db.execute(sql: columns)
        try db.execute(sql: tables)
        try db.execute(sql: triggers)
    }

    /// What was known before belongs to the first contact. When it was last heard is not known: it was seen now, so
    /// that nothing counts as left behind at once.
    private static let columns = """
        ALTER TABLE device ADD COLUMN was_listed INTEGER NOT NULL DEFAULT 0 CHECK (was_listed IN (0, 1));
        ALTER TABLE device ADD COLUMN claimed BLOB NOT NULL DEFAULT x'';
        ALTER TABLE device ADD COLUMN last_heard_at INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE device ADD COLUMN stale_since INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE device ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;
        UPDATE device SET was_listed = 1, last_heard_at = max(first_seen_at, first_heard_at,
            ifnull((SELECT conversation.last_in_at FROM conversation
                JOIN address ON address.id = conversation.address_id WHERE address.lookup = device.account), 0));
        ALTER TABLE outbox ADD COLUMN personal INTEGER NOT NULL DEFAULT 0 CHECK (personal IN (0, 1));
        UPDATE outbox SET personal = 1 WHERE stage = 'intent'
            AND position IN (SELECT position FROM item WHERE kind = 'message' AND author <> '');
        CREATE INDEX outbox_personal ON outbox (conversation_id) WHERE stage = 'intent' AND personal = 1;
        ALTER TABLE conversation ADD COLUMN new_devices INTEGER NOT NULL DEFAULT 0;
        """

    private static let tables = """
        CREATE TABLE message_name (
            hash BLOB NOT NULL PRIMARY KEY,
            conversation_id INTEGER NOT NULL,
            message_id INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX message_name_conversation ON message_name (conversation_id);

        CREATE TABLE alarm (
            kind TEXT NOT NULL PRIMARY KEY,
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            count INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// `account` and `lookup` are the same keyed hash of the same address.
    private static func count(_ account: String) -> String {
        """
        UPDATE conversation SET new_devices = (SELECT count(*) FROM device WHERE account = \(account) AND is_active = 1
                AND trust <> 'compromised' AND (trust = 'unconfirmed' OR length(claimed) > 0))
            WHERE address_id IN (SELECT id FROM address WHERE channel = 'xmpp' AND lookup = \(account));
        """
    }

    /// Whoever changes a device cannot forget whom it holds up. When words of staff come to wait, a person must
    /// look; everybody is told of the conversation.
    private static let triggers = """
        -- Words of staff that were to go readable, to a contact who never wrote encrypted: from the first encrypted
        -- message on they are encrypted, and held like any others.
        CREATE TRIGGER words_are_encrypted_too AFTER UPDATE OF was_encrypted ON conversation
        WHEN OLD.was_encrypted = 0 AND NEW.was_encrypted = 1
        BEGIN
            UPDATE outbox SET protection = 'end-to-end'
            WHERE conversation_id = NEW.id AND stage = 'intent' AND personal = 1 AND protection = 'none';
        END;

        CREATE TRIGGER device_holds AFTER INSERT ON device WHEN NEW.trust = 'unconfirmed'
        BEGIN
            \(count("NEW.account"))
            \(tell("NEW"))
        END;
        CREATE TRIGGER device_holds_or_lets_go AFTER UPDATE OF trust, is_active, claimed ON device
        WHEN OLD.trust <> NEW.trust OR OLD.is_active <> NEW.is_active
            OR (length(OLD.claimed) > 0) <> (length(NEW.claimed) > 0)
        BEGIN
            \(count("NEW.account"))
            \(tell("NEW"))
        END;
        CREATE TRIGGER device_lets_go AFTER DELETE ON device
        BEGIN
            \(count("OLD.account"))
        END;
        CREATE TRIGGER address_has_devices AFTER INSERT ON conversation
        BEGIN
            UPDATE conversation SET new_devices = (SELECT count(*) FROM device JOIN address
                    ON address.lookup = device.account WHERE address.id = NEW.address_id AND is_active = 1
                    AND trust <> 'compromised' AND (trust = 'unconfirmed' OR length(claimed) > 0))
                WHERE id = NEW.id;
        END;
        """

    private static func tell(_ row: String) -> String {
        """
        UPDATE conversation SET waits_since = \(row).changed_at
                WHERE new_devices > 0 AND waits_since = 0
                    AND address_id IN (SELECT id FROM address WHERE channel = 'xmpp' AND lookup = \(row).account)
                    AND EXISTS (SELECT 1 FROM outbox WHERE conversation_id = conversation.id AND stage = 'intent'
                        AND personal = 1 AND protection <> 'none');
            INSERT INTO staff_event (kind, at, conversation_id)
                SELECT 'conversation', \(row).changed_at, conversation.id FROM conversation
                    JOIN address ON address.id = conversation.address_id
                    WHERE address.channel = 'xmpp' AND address.lookup = \(row).account;
        """
    }
}
