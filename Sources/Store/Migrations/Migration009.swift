import GRDB

/// Restores from a backup, and what follows from one (`Documentation/decisions/0020-backup.md`).
enum Migration009 {
    static func migrate(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE restore (
                    generation INTEGER PRIMARY KEY,
                    backup BLOB NOT NULL,
                    backup_at INTEGER NOT NULL,
                    restored_at INTEGER NOT NULL
                ) STRICT;

                -- What was under way in a backup has lost its ciphertext with the ratchet. If the server's archive
                -- does not have it, it is encrypted anew.
                DROP TRIGGER outbox_stages;
                CREATE TRIGGER outbox_stages BEFORE UPDATE OF stage ON outbox
                WHEN NOT (
                    OLD.stage = NEW.stage
                    OR (OLD.stage = 'intent' AND NEW.stage IN ('prepared', 'failed'))
                    OR (OLD.stage = 'prepared' AND NEW.stage IN ('handed-over', 'failed'))
                    OR (OLD.stage = 'handed-over' AND NEW.stage IN ('prepared', 'confirmed', 'uncertain', 'failed'))
                    OR (OLD.stage = 'handed-over' AND NEW.stage = 'intent' AND length(OLD.prepared) = 0)
                    OR (OLD.stage IN ('confirmed', 'uncertain') AND NEW.stage = 'failed')
                )
                BEGIN SELECT RAISE(ABORT, 'an outbox stage goes one way'); END;

                -- Asked before a message without words leaves (`hasUnderWay`).
                CREATE INDEX outbox_under_way ON outbox (conversation_id) WHERE stage IN ('prepared', 'handed-over');
                """)
    }
}
