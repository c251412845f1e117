import GRDB

/// The cards by which a person finds their conversation again from another address, and which contacts are one person.
enum Migration008 {
    static func migrate(_ db: Database) throws {
        try db.execute(
            sql: """
                -- One card a contact: a new one takes the place of the old one.
                CREATE TABLE arrival_card (
                    contact_id INTEGER PRIMARY KEY REFERENCES contact(id),
                    lookup BLOB NOT NULL UNIQUE,
                    form TEXT NOT NULL CHECK (form IN ('words', 'digits')),
                    made_at INTEGER NOT NULL,
                    made_by TEXT NOT NULL,
                    expires_at INTEGER NOT NULL,
                    used_at INTEGER NOT NULL DEFAULT 0,
                    exposed_at INTEGER NOT NULL DEFAULT 0,
                    exposed_in INTEGER NOT NULL DEFAULT 0
                ) STRICT;

                CREATE TABLE arrival_try (
                    id INTEGER PRIMARY KEY,
                    conversation_id INTEGER NOT NULL REFERENCES conversation(id),
                    at INTEGER NOT NULL
                ) STRICT;
                CREATE INDEX arrival_try_conversation ON arrival_try (conversation_id);
                CREATE INDEX arrival_try_age ON arrival_try (at);

                -- Nothing that was said moves: a line says that two contacts are one person, and can be taken out.
                CREATE TABLE contact_link (
                    contact_id INTEGER PRIMARY KEY REFERENCES contact(id),
                    person_id INTEGER NOT NULL REFERENCES contact(id),
                    how TEXT NOT NULL CHECK (how IN ('arrival-words', 'staff')),
                    linked_at INTEGER NOT NULL,
                    linked_by TEXT NOT NULL,
                    recognised_at INTEGER NOT NULL DEFAULT 0,
                    recognised_by TEXT NOT NULL DEFAULT '',
                    CHECK (contact_id <> person_id)
                ) STRICT;
                CREATE INDEX contact_link_person ON contact_link (person_id);

                -- Of all conversations of a person who has several: the first contact. 0 for one that stands alone.
                ALTER TABLE conversation ADD COLUMN person_id INTEGER NOT NULL DEFAULT 0;
                CREATE INDEX conversation_person ON conversation (person_id) WHERE person_id > 0;
                """)
    }
}
