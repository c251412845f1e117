/* Out: encrypt, hand over, confirm. */
#include "path.h"

#include <stdlib.h>
#include <string.h>

#include "database.h"

/* A field of what the daemon keeps of a stream: tag, length, text. */
static void put_text(bytes *target, uint8_t tag, const char *text)
{
    bytes_append(target, &tag, 1);
    bytes_append_u32(target, (uint32_t)strlen(text));
    bytes_append_text(target, text);
}

/* Room for stanzas that leave without being written down. */
enum { stream_headroom = 256 };

/* Set-up, not measured: what it takes to resume the stream, as `MemoryLink` has it. In a store that the bridge has
 * filled, this stream takes the place of the bridge's. */
static void begin_stream(path *way)
{
    static bytes key, sealed;
    static const char row[] = "xmpp 1";
    const uint8_t version = 1;
    field place = {way->us->keys.other, "stream", "key", row, sizeof row - 1};
    bytes_clear(&key);
    bytes_append(&key, &version, 1);
    put_text(&key, 1, "5f0d3c2e-8a41-4c57-9d0e-1b7a6f2c9e34");
    put_text(&key, 2, OUR_JID "/bridge");
    put_text(&key, 3, "xmpp.example.org:5222");
    field_seal(&place, key.data, key.length, &sealed);
    run(STATEMENT("INSERT OR REPLACE INTO stream (channel, number, key, ceiling, is_caught_up, began_at)"
                  " VALUES ('xmpp', 1, ?, ?, 1, ?)"),
        "bii", sealed.data, sealed.length, (int64_t)stream_headroom, now_milliseconds());
}

void path_keep_mark(path *way, int64_t leaving)
{
    run(STATEMENT("UPDATE stream SET committed = max(committed, ?), acknowledged = max(acknowledged, ?),"
                  " ceiling = max(ceiling, ?) WHERE channel = 'xmpp' AND number = 1"),
        "iii", way->committed, way->acknowledged, way->sent + leaving + stream_headroom);
}

void path_make(path *way, ours *us)
{
    memset(way, 0, sizeof *way);
    way->us = us;
    way->departures = calloc(batch_limit, sizeof *way->departures);
    if (!way->departures) die("out of memory");
    begin_stream(way);
}

field path_outbox_field(const path *way, const char *origin, const char *column)
{
    const uint8_t *key = *column == 't' ? way->us->keys.outbox_text : way->us->keys.outbox_prepared;
    return (field){key, "outbox", column, origin, 36};
}

typedef struct {
    int64_t id;
    int64_t conversation;
    char origin[37];
    char jid[64];
    bytes text;
} due_row;

static void read_due(const path *way, sqlite3_stmt *select, due_row *row)
{
    static bytes jid;
    row->id = sqlite3_column_int64(select, 0);
    row->conversation = sqlite3_column_int64(select, 1);
    memcpy(row->origin, sqlite3_column_text(select, 4), sizeof row->origin);
    field text = path_outbox_field(way, row->origin, "text");
    field_open(&text, sqlite3_column_blob(select, 5), (size_t)sqlite3_column_bytes(select, 5), &row->text);
    bytes_append(&row->text, "", 1);
    field routing = {
        way->us->keys.address_routing, "address", "routing", sqlite3_column_blob(select, 7),
        (size_t)sqlite3_column_bytes(select, 7)};
    field_open(&routing, sqlite3_column_blob(select, 8), (size_t)sqlite3_column_bytes(select, 8), &jid);
    if (jid.length >= sizeof row->jid) die("an address is too long");
    memcpy(row->jid, jid.data, jid.length);
    row->jid[jid.length] = 0;
}

static void set_prepared(path *way, const due_row *row, const bytes *stanza)
{
    static bytes sealed;
    field place = path_outbox_field(way, row->origin, "prepared");
    field_seal(&place, stanza->data, stanza->length, &sealed);
    run(STATEMENT("UPDATE outbox SET stage = 'prepared', prepared = ?, stage_at = ? WHERE id = ?"), "bii", sealed.data,
        sealed.length, way->now, row->id);
    run(STATEMENT("UPDATE conversation SET outbox_attempts = 0 WHERE id = ? AND outbox_attempts > 0"), "i",
        row->conversation);
}

static void prepare(path *way, const due_row *row, struct departure *out)
{
    static bytes stanza;
    ours *us = way->us;
    savepoint();
    uint32_t device = ours_device_of(us, row->jid);
    if (!device) die("a contact has no device");
    signal_protocol_address address = {row->jid, strlen(row->jid), (int32_t)device};
    session_cipher *cipher = ours_cipher(us, &address);
    omemo_encrypt(cipher, (const char *)row->text.data, &out->message);
    session_cipher_free(cipher);
    omemo_stanza(&out->message, row->jid, row->origin, us->device, device, &stanza);
    set_prepared(way, row, &stanza);
    release_savepoint();
    out->outbox = row->id;
    strcpy(out->jid, row->jid);
}

void path_prepare(path *way, size_t limit)
{
    static due_row due[batch_limit];
    size_t count = 0;
    way->now = now_milliseconds();
    sqlite3_stmt *select = STATEMENT(
        "SELECT outbox.id, outbox.conversation_id, outbox.stage, outbox.protection, outbox.origin_id,"
        " outbox.text, outbox.prepared, address.lookup, address.routing, conversation.outbox_attempts,"
        " CASE WHEN outbox.protection = 'none' AND conversation.was_encrypted THEN outbox.personal ELSE 0 END,"
        " outbox.personal"
        " FROM outbox JOIN conversation ON conversation.id = outbox.conversation_id"
        " JOIN address ON address.id = conversation.address_id"
        " WHERE outbox.stage IN ('intent', 'prepared')"
        " AND (outbox.personal = 0 OR conversation.new_devices = 0 OR outbox.stage = 'prepared'"
        " OR outbox.protection = 'none')"
        " AND conversation.outbox_not_before <= ? AND address.channel = 'xmpp'"
        " AND outbox.conversation_id NOT IN (SELECT value FROM json_each('[]'))"
        " AND NOT EXISTS (SELECT 1 FROM attachment WHERE attachment.conversation_id = outbox.conversation_id"
        " AND attachment.state = 'uploading' AND attachment.message_id <= outbox.message_id)"
        " ORDER BY outbox.id LIMIT ?");
    if (query(select, "ii", way->now, (int64_t)limit)) {
        do { read_due(way, select, &due[count++]); } while (next(select));
    }
    for (size_t i = 0; i < count; i++) prepare(way, &due[i], &way->departures[i]);
    for (size_t i = 0; i < count; i++)
        run(STATEMENT("UPDATE outbox SET stage = 'handed-over', stage_at = ?, stream = 1, stanza = ? WHERE id = ?"),
            "iii", way->now, way->sent + (int64_t)i + 1, due[i].id);
    if (count) path_keep_mark(way, (int64_t)count);
    way->sent += (int64_t)count;
    sqlite3_stmt *postponed = STATEMENT(
        "SELECT MIN(conversation.outbox_not_before) AS due FROM outbox"
        " JOIN conversation ON conversation.id = outbox.conversation_id"
        " WHERE outbox.stage IN ('intent', 'prepared') AND conversation.outbox_not_before > ?");
    if (query(postponed, "i", way->now)) done(postponed);
    way->departure_count = count;
}

void path_confirm(path *way, const int64_t *outbox, size_t count)
{
    way->now = now_milliseconds();
    for (size_t i = 0; i < count; i++)
        run(STATEMENT("UPDATE outbox SET stage = 'confirmed', text = x'', prepared = x'', stage_at = ?"
                      " WHERE id = ? AND stage = 'handed-over'"),
            "ii", way->now, outbox[i]);
    way->acknowledged += (int64_t)count;
}
