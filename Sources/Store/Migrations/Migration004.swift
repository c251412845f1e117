import GRDB

/// Since when staff have a conversation: a contact who wrote in that time is told that the bot answers again.
/// The keys of replies, and what was proposed word for word.
enum Migration004 {
    /// A take-over that has ended and whose contact is not told yet keeps this number.
    static func migrate(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE conversation ADD COLUMN taken_over_since INTEGER NOT NULL DEFAULT 0;
                UPDATE conversation SET taken_over_since = max(taken_over_until - 43200000, 1)
                    WHERE taken_over_by <> '';
                CREATE INDEX conversation_taken ON conversation (taken_over_until) WHERE taken_over_since > 0;

                -- For as long as the message is there: a reply whose answer was lost is never said twice.
                CREATE TABLE reply_key (
                    hash BLOB NOT NULL PRIMARY KEY,
                    request BLOB NOT NULL,
                    conversation_id INTEGER NOT NULL,
                    message_id INTEGER NOT NULL,
                    position INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX reply_key_conversation ON reply_key (conversation_id);

                ALTER TABLE idempotency ADD COLUMN conversation_id INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE entry ADD COLUMN words BLOB NOT NULL DEFAULT x'';
                ALTER TABLE audit ADD COLUMN about TEXT NOT NULL DEFAULT '';
                CREATE INDEX outbox_trouble ON outbox (conversation_id) WHERE stage IN ('uncertain', 'failed');
                """)
    }
}
