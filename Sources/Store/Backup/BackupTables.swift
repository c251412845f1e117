/// What of the schema goes into which file of a backup. A test compares this with the schema: a new table must be
/// given its place.
enum BackupTables {
    /// Without `keys` they open nothing, of anybody: what was sealed to the archive needs its segment key, and what
    /// is under the working key needs that.
    static let data = [
        "meta", "conversation", "message", "set_aside", "item", "entry", "hidden", "idempotency", "reply_key",
        "member_setting", "number_floor", "dedup", "archive_position", "archive_gap", "audit", "ratchet_identity",
        "alarm", "message_name", "arrival_try", "contact_link", "restore",
    ]
    /// What opens a person, or leads to one: so that an old copy of the data, joined with keys from after an
    /// erasure, has neither.
    static let keys = ["contact", "address", "segment", "device", "outbox", "attachment", "arrival_card"]
    /// Ratchets are never put back (a chain that is used twice gives its keys away), ids never used again, and a
    /// stream is not gone on with from an old count. Events tell clients of changes that they have not seen: after
    /// a restore they begin anew.
    static let left = ["session", "prekey", "signed_prekey", "stream", "staff_event", "erasing"]
    /// SQLite's own: the last numbers of tables that never use one again.
    static let sequences = "sqlite_sequence"
}
