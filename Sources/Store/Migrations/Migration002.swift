import GRDB

/// A message that the server took, or of which nobody knew whether it did, may come back.
enum Migration002 {
    static func migrate(_ db: Database) throws {
        try db.execute(
            sql: """
                DROP TRIGGER outbox_stages;
                CREATE TRIGGER outbox_stages BEFORE UPDATE OF stage ON outbox
                WHEN NOT (
                    OLD.stage = NEW.stage
                    OR (OLD.stage = 'intent' AND NEW.stage IN ('prepared', 'failed'))
                    OR (OLD.stage = 'prepared' AND NEW.stage IN ('handed-over', 'failed'))
                    OR (OLD.stage = 'handed-over' AND NEW.stage IN ('prepared', 'confirmed', 'uncertain', 'failed'))
                    OR (OLD.stage IN ('confirmed', 'uncertain') AND NEW.stage = 'failed')
                )
                BEGIN SELECT RAISE(ABORT, 'an outbox stage goes one way'); END;
                """)
    }
}
