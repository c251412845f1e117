import GRDB

/// What staff work with: one order over all items, entries of theirs, events, and who has what.
enum Migration003 {
    static func migrate(_ db: Database) throws {
        try db.execute(sql: columns)
        try db.execute(sql: tables)
        try db.execute(sql: fill)
        try db.execute(sql: indexes)
        try db.execute(sql: invariants)
        try db.execute(sql: events)
    }

    /// Members stand by their short names, which are in the public roster.
    private static let columns = """
        ALTER TABLE conversation ADD COLUMN danger_since INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conversation ADD COLUMN last_out_at INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conversation ADD COLUMN assigned_to TEXT NOT NULL DEFAULT '';
        ALTER TABLE conversation ADD COLUMN taken_over_by TEXT NOT NULL DEFAULT '';
        ALTER TABLE conversation ADD COLUMN taken_over_until INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conversation ADD COLUMN is_practice INTEGER NOT NULL DEFAULT 0 CHECK (is_practice IN (0, 1));
        ALTER TABLE conversation ADD COLUMN protection TEXT NOT NULL DEFAULT ''
            CHECK (protection IN ('', 'end-to-end', 'none'));
        ALTER TABLE conversation ADD COLUMN was_encrypted INTEGER NOT NULL DEFAULT 0 CHECK (was_encrypted IN (0, 1));
        ALTER TABLE conversation ADD COLUMN newest_item INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conversation ADD COLUMN newest_in INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conversation ADD COLUMN troubled INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conversation ADD COLUMN proposals INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conversation ADD COLUMN open_tasks INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conversation ADD COLUMN bot BLOB NOT NULL DEFAULT x'';
        ALTER TABLE outbox ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE audit ADD COLUMN actor TEXT NOT NULL DEFAULT '';
        ALTER TABLE audit ADD COLUMN amount INTEGER NOT NULL DEFAULT 0;
        """

    /// Numbers that clients keep (positions, events, entries) are never used again, also after an
    /// erasure; for older tables `number_floor` sees to that.
    private static let tables = """
        CREATE TABLE item (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL CHECK (kind IN ('message', 'unreadable', 'note', 'tag', 'task', 'proposal')),
            row_id INTEGER NOT NULL,
            conversation_id INTEGER NOT NULL,
            author TEXT NOT NULL DEFAULT '',
            stored_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE entry (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            position INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('note', 'tag', 'task', 'proposal')),
            conversation_id INTEGER NOT NULL REFERENCES conversation(id),
            segment_id INTEGER NOT NULL,
            token BLOB NOT NULL UNIQUE,
            author TEXT NOT NULL,
            assignee TEXT NOT NULL DEFAULT '',
            due INTEGER NOT NULL DEFAULT 0,
            stored_at INTEGER NOT NULL,
            told_at INTEGER NOT NULL DEFAULT 0,
            closed_at INTEGER NOT NULL DEFAULT 0,
            closed_by TEXT NOT NULL DEFAULT '',
            outcome TEXT NOT NULL DEFAULT '',
            sealed BLOB NOT NULL
        ) STRICT;

        CREATE TABLE hidden (
            hash BLOB NOT NULL PRIMARY KEY
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE staff_event (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            at INTEGER NOT NULL,
            conversation_id INTEGER NOT NULL DEFAULT 0,
            position INTEGER NOT NULL DEFAULT 0,
            member TEXT NOT NULL DEFAULT ''
        ) STRICT;

        CREATE TABLE idempotency (
            hash BLOB NOT NULL PRIMARY KEY,
            request BLOB NOT NULL,
            answer BLOB NOT NULL,
            at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX idempotency_age ON idempotency (at);

        CREATE TABLE member_setting (
            member TEXT NOT NULL PRIMARY KEY,
            replies_alone INTEGER NOT NULL CHECK (replies_alone IN (0, 1)),
            experienced_in TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE number_floor (
            name TEXT NOT NULL PRIMARY KEY,
            number INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE erasing (
            contact_id INTEGER PRIMARY KEY
        ) STRICT;
        """

    /// Gives what is there its place in the order: by time, then by row.
    private static let fill = """
        INSERT INTO item (kind, row_id, conversation_id, stored_at)
            SELECT kind, id, conversation_id, stored_at FROM (
                SELECT 'message' AS kind, id, conversation_id, stored_at FROM message
                UNION ALL
                SELECT 'unreadable', id, conversation_id, stored_at FROM set_aside
            ) ORDER BY stored_at, kind, id;
        CREATE INDEX item_row ON item (kind, row_id);
        UPDATE outbox SET position =
            (SELECT position FROM item WHERE kind = 'message' AND row_id = outbox.message_id);
        CREATE TABLE filled AS
            SELECT item.conversation_id AS id, max(item.position) AS newest_item,
                max(CASE WHEN message.direction = 'out' THEN 0 ELSE item.position END) AS newest_in,
                max(CASE WHEN message.direction = 'out' THEN item.stored_at ELSE 0 END) AS last_out_at,
                max(message.direction = 'in' AND message.protection = 'end-to-end') AS was_encrypted,
                max(CASE WHEN message.direction = 'in' THEN message.id ELSE 0 END) AS last_in
            FROM item LEFT JOIN message ON item.kind = 'message' AND message.id = item.row_id
            GROUP BY item.conversation_id;
        UPDATE conversation SET
            newest_item = filled.newest_item, newest_in = filled.newest_in, last_out_at = filled.last_out_at,
            was_encrypted = ifnull(filled.was_encrypted, 0),
            protection = ifnull((SELECT protection FROM message WHERE id = filled.last_in), '')
            FROM filled WHERE filled.id = conversation.id;
        DROP TABLE filled;
        UPDATE conversation SET troubled = trouble.count FROM (
            SELECT conversation_id, count(*) AS count FROM outbox WHERE stage IN ('uncertain', 'failed')
            GROUP BY conversation_id) AS trouble
            WHERE trouble.conversation_id = conversation.id;
        DROP INDEX item_row;
        """

    /// The inbox has three parts in this order: danger, waiting, quiet.
    private static let indexes = """
        CREATE INDEX item_conversation ON item (conversation_id);
        CREATE INDEX outbox_message ON outbox (message_id);
        CREATE INDEX set_aside_conversation ON set_aside (conversation_id);
        CREATE INDEX conversation_contact ON conversation (contact_id);
        CREATE INDEX conversation_danger ON conversation (danger_since) WHERE danger_since > 0;
        CREATE INDEX conversation_waiting ON conversation (waits_since) WHERE danger_since = 0 AND waits_since > 0;
        CREATE INDEX conversation_quiet ON conversation (newest_item) WHERE danger_since = 0 AND waits_since = 0;
        CREATE INDEX conversation_assigned ON conversation (assigned_to) WHERE assigned_to <> '';
        CREATE INDEX address_contact ON address (contact_id);
        CREATE INDEX entry_conversation ON entry (conversation_id);
        CREATE INDEX entry_open ON entry (kind, conversation_id, due) WHERE closed_at = 0;
        """

    /// What is stored is not changed, and goes only when a whole contact is erased.
    private static let invariants = """
        CREATE TRIGGER set_aside_is_never_changed BEFORE UPDATE ON set_aside
        BEGIN SELECT RAISE(ABORT, 'what was set aside is never changed'); END;

        CREATE TRIGGER entry_is_never_changed
        BEFORE UPDATE OF id, position, kind, conversation_id, segment_id, token, author, stored_at, sealed ON entry
        BEGIN SELECT RAISE(ABORT, 'a stored entry is never changed'); END;
        CREATE TRIGGER entry_is_closed_once BEFORE UPDATE OF closed_at, closed_by, outcome ON entry
        WHEN OLD.closed_at > 0
        BEGIN SELECT RAISE(ABORT, 'an entry is closed once'); END;

        CREATE TRIGGER message_goes_with_its_contact BEFORE DELETE ON message
        WHEN NOT EXISTS (SELECT 1 FROM conversation JOIN erasing USING (contact_id)
            WHERE conversation.id = OLD.conversation_id)
        BEGIN SELECT RAISE(ABORT, 'a message goes only when its contact is erased'); END;
        CREATE TRIGGER set_aside_goes_with_its_contact BEFORE DELETE ON set_aside
        WHEN NOT EXISTS (SELECT 1 FROM conversation JOIN erasing USING (contact_id)
            WHERE conversation.id = OLD.conversation_id)
        BEGIN SELECT RAISE(ABORT, 'what was set aside goes only when its contact is erased'); END;
        CREATE TRIGGER entry_goes_with_its_contact BEFORE DELETE ON entry
        WHEN NOT EXISTS (SELECT 1 FROM conversation JOIN erasing USING (contact_id)
            WHERE conversation.id = OLD.conversation_id)
        BEGIN SELECT RAISE(ABORT, 'an entry goes only when its contact is erased'); END;
        CREATE TRIGGER item_goes_with_its_contact BEFORE DELETE ON item
        WHEN NOT EXISTS (SELECT 1 FROM conversation JOIN erasing USING (contact_id)
            WHERE conversation.id = OLD.conversation_id)
        BEGIN SELECT RAISE(ABORT, 'an item goes only when its contact is erased'); END;
        CREATE TRIGGER segment_goes_with_its_contact BEFORE DELETE ON segment
        WHEN NOT EXISTS (SELECT 1 FROM erasing WHERE contact_id = OLD.contact_id)
        BEGIN SELECT RAISE(ABORT, 'a segment key goes only when its contact is erased'); END;
        CREATE TRIGGER segment_is_never_changed BEFORE UPDATE ON segment
        BEGIN SELECT RAISE(ABORT, 'a segment key is never changed'); END;
        CREATE TRIGGER item_is_never_changed BEFORE UPDATE ON item
        BEGIN SELECT RAISE(ABORT, 'the order of items is never changed'); END;
        """

    /// Nobody who writes an item can forget its event. `intent` becomes `prepared` and `handed-over` in
    /// one transaction: one event tells of both.
    private static let events = """
        CREATE TRIGGER item_makes_event AFTER INSERT ON item
        BEGIN
            INSERT INTO staff_event (kind, at, conversation_id, position)
            VALUES ('item', NEW.stored_at, NEW.conversation_id, NEW.position);
        END;

        CREATE TRIGGER outbox_stage_makes_event AFTER UPDATE OF stage ON outbox
        WHEN OLD.stage <> NEW.stage AND NOT (OLD.stage = 'intent' AND NEW.stage = 'prepared')
        BEGIN
            INSERT INTO staff_event (kind, at, conversation_id, position)
            VALUES ('itemChanged', NEW.stage_at, NEW.conversation_id, NEW.position);
        END;

        CREATE TRIGGER outbox_trouble_is_counted AFTER UPDATE OF stage ON outbox
        WHEN NEW.stage IN ('uncertain', 'failed') AND OLD.stage NOT IN ('uncertain', 'failed')
        BEGIN
            UPDATE conversation SET troubled = troubled + 1 WHERE id = NEW.conversation_id;
        END;

        CREATE TRIGGER entry_is_counted AFTER INSERT ON entry WHEN NEW.kind IN ('task', 'proposal')
        BEGIN
            UPDATE conversation SET
                proposals = proposals + (NEW.kind = 'proposal'), open_tasks = open_tasks + (NEW.kind = 'task')
            WHERE id = NEW.conversation_id;
        END;

        CREATE TRIGGER entry_closed_makes_event AFTER UPDATE OF closed_at ON entry
        WHEN OLD.closed_at = 0 AND NEW.closed_at > 0
        BEGIN
            UPDATE conversation SET
                proposals = proposals - (NEW.kind = 'proposal'), open_tasks = open_tasks - (NEW.kind = 'task')
            WHERE id = NEW.conversation_id;
            INSERT INTO staff_event (kind, at, conversation_id, position)
            VALUES ('itemChanged', NEW.closed_at, NEW.conversation_id, NEW.position);
        END;
        """
}
