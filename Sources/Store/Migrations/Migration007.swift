import GRDB

/// Files that contacts send and that staff send, and which voice notes nobody has heard.
enum Migration007 {
    /// `position` is the item of its message: events tell of it. A file of staff lies here before its message
    /// does, with `message_id` 0 (`staged`).
    static func migrate(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE attachment (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    conversation_id INTEGER NOT NULL REFERENCES conversation(id),
                    message_id INTEGER NOT NULL DEFAULT 0,
                    position INTEGER NOT NULL DEFAULT 0,
                    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
                    kind TEXT NOT NULL CHECK (kind IN ('voice', 'photo', 'video', 'document')),
                    state TEXT NOT NULL CHECK (state IN
                        ('waiting', 'fetched', 'staged', 'uploading', 'uploaded', 'failed', 'too-large')),
                    token TEXT NOT NULL UNIQUE,
                    source BLOB NOT NULL,
                    size INTEGER NOT NULL DEFAULT 0,
                    attempts INTEGER NOT NULL DEFAULT 0,
                    not_before INTEGER NOT NULL DEFAULT 0,
                    failure TEXT NOT NULL DEFAULT '',
                    stored_at INTEGER NOT NULL,
                    heard_at INTEGER NOT NULL DEFAULT 0,
                    heard_by TEXT NOT NULL DEFAULT ''
                ) STRICT;
                CREATE INDEX attachment_message ON attachment (message_id);
                CREATE INDEX attachment_conversation ON attachment (conversation_id);
                CREATE INDEX attachment_due ON attachment (not_before) WHERE state IN ('waiting', 'uploading');
                CREATE INDEX attachment_unheard ON attachment (conversation_id, stored_at)
                    WHERE kind = 'voice' AND direction = 'in' AND heard_at = 0;

                ALTER TABLE conversation ADD COLUMN unheard_voice INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE conversation ADD COLUMN voice_since INTEGER NOT NULL DEFAULT 0;
                CREATE INDEX conversation_voice ON conversation (voice_since) WHERE voice_since > 0;

                CREATE TRIGGER attachment_goes_with_its_contact BEFORE DELETE ON attachment
                WHEN OLD.message_id > 0 AND NOT EXISTS (SELECT 1 FROM conversation JOIN erasing USING (contact_id)
                    WHERE conversation.id = OLD.conversation_id)
                BEGIN SELECT RAISE(ABORT, 'an attachment goes only when its contact is erased'); END;
                """)
    }
}
