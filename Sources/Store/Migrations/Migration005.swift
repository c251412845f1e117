import GRDB

/// A channel's stream outlives the process: its name at the server, the counts of both directions, and for
/// each message handed over its number. Gaps in the archive that staff must see.
enum Migration005 {
    static func migrate(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE stream (
                    channel TEXT NOT NULL PRIMARY KEY,
                    number INTEGER NOT NULL,
                    key BLOB NOT NULL,
                    committed INTEGER NOT NULL DEFAULT 0,
                    acknowledged INTEGER NOT NULL DEFAULT 0,
                    ceiling INTEGER NOT NULL,
                    is_caught_up INTEGER NOT NULL DEFAULT 0 CHECK (is_caught_up IN (0, 1)),
                    began_at INTEGER NOT NULL,
                    restarts INTEGER NOT NULL DEFAULT 0
                ) STRICT, WITHOUT ROWID;

                -- A stanza acknowledged once is not asked for again; a number given once is not given again.
                CREATE TRIGGER stream_counts_rise BEFORE UPDATE ON stream
                WHEN NEW.number < OLD.number
                    OR (NEW.number = OLD.number
                        AND (NEW.committed < OLD.committed OR NEW.acknowledged < OLD.acknowledged))
                BEGIN SELECT RAISE(ABORT, 'the counts of a stream only rise'); END;

                ALTER TABLE outbox ADD COLUMN stream INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE outbox ADD COLUMN stanza INTEGER NOT NULL DEFAULT 0;

                ALTER TABLE archive_position ADD COLUMN at INTEGER NOT NULL DEFAULT 0;

                CREATE TABLE archive_gap (
                    id INTEGER PRIMARY KEY,
                    channel TEXT NOT NULL,
                    from_at INTEGER NOT NULL,
                    until_at INTEGER NOT NULL,
                    found_at INTEGER NOT NULL,
                    acknowledged_at INTEGER NOT NULL DEFAULT 0,
                    acknowledged_by TEXT NOT NULL DEFAULT ''
                ) STRICT;
                CREATE INDEX archive_gap_open ON archive_gap (id) WHERE acknowledged_at = 0;
                """)
    }
}
