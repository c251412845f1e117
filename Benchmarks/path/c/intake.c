/* In: open, store, answer. */
#include "path.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"

static const int64_t dedup_milliseconds = 37LL * 86400 * 1000;

/* Each line's hash covers the one before it. */
static void audit(const path *way, const char *kind, int64_t subject)
{
    static EVP_MD *algorithm;
    static EVP_MD_CTX *context;
    static bytes line;
    uint8_t chain[32];
    if (!algorithm) {
        algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
        context = EVP_MD_CTX_new();
    }
    bytes_clear(&line);
    bytes_append_text(&line, "sila audit 1");
    sqlite3_stmt *last = STATEMENT("SELECT chain FROM audit ORDER BY id DESC LIMIT 1");
    if (query(last, "")) {
        bytes_append(&line, sqlite3_column_blob(last, 0), (size_t)sqlite3_column_bytes(last, 0));
        done(last);
    }
    bytes_append_u64(&line, (uint64_t)way->now);
    bytes_append_u64(&line, (uint64_t)subject);
    bytes_append_text(&line, kind);
    if (EVP_DigestInit_ex2(context, algorithm, NULL) != 1 || EVP_DigestUpdate(context, line.data, line.length) != 1
        || EVP_DigestFinal_ex(context, chain, NULL) != 1) die("no SHA-256");
    /* Neither a member nor an amount: the daemon did it itself. */
    run(STATEMENT("INSERT INTO audit (at, kind, subject, actor, amount, chain) VALUES (?, ?, ?, '', 0, ?)"), "itib",
        way->now, kind, subject, chain, sizeof chain);
}

static void dedup_hash(const path *way, const envelope *item, uint8_t out[32])
{
    uint8_t source[48];
    size_t length = strlen(item->archive_id);
    source[0] = 1;
    memcpy(source + 1, item->archive_id, length);
    keyed_hash(way->us->keys.dedup, "sila dedup", "xmpp", source, length + 1, out);
}

/* The next row number of a table: never one that an erased row had. */
#define NEXT_NUMBER(table) \
    "SELECT max(ifnull((SELECT max(id) FROM " table "), 0)," \
    " ifnull((SELECT number FROM number_floor WHERE name = '" table "'), 0))"

static int64_t next_number(sqlite3_stmt *last)
{
    int64_t number = query(last, "") ? sqlite3_column_int64(last, 0) + 1 : 1;
    done(last);
    return number;
}

typedef struct {
    int64_t id;
    int64_t contact;
} conversation;

static field dialogue_field(const path *way, const uint8_t row[9])
{
    return (field){way->us->keys.conversation_dialogue, "conversation", "dialogue", row, 9};
}

static void row_bytes(int64_t row, uint8_t out[9])
{
    out[0] = 1;
    for (int i = 0; i < 8; i++) out[1 + i] = (uint8_t)((uint64_t)row >> (56 - 8 * i));
}

static conversation make_conversation(const path *way, const char *jid, const uint8_t lookup[32])
{
    static bytes routing;
    conversation made;
    field place = {way->us->keys.address_routing, "address", "routing", lookup, 32};
    made.contact = next_number(STATEMENT(NEXT_NUMBER("contact")));
    run(STATEMENT("INSERT INTO contact (id, created_at) VALUES (?, ?)"), "ii", made.contact, way->now);
    field_seal(&place, (const uint8_t *)jid, strlen(jid), &routing);
    int64_t address = insert(
        STATEMENT("INSERT INTO address (contact_id, channel, lookup, routing) VALUES (?, 'xmpp', ?, ?)"), "ibb",
        made.contact, lookup, (size_t)32, routing.data, routing.length);
    made.id = next_number(STATEMENT(NEXT_NUMBER("conversation")));
    run(STATEMENT("INSERT INTO conversation (id, address_id, contact_id, created_at) VALUES (?, ?, ?, ?)"), "iiii",
        made.id, address, made.contact, way->now);
    audit(way, "conversation-started", made.id);
    return made;
}

static conversation find_conversation(const path *way, const char *jid)
{
    static bytes dialogue;
    uint8_t lookup[32], row[9];
    ours_lookup(way->us, jid, lookup);
    sqlite3_stmt *select = STATEMENT(
        "SELECT conversation.id, conversation.contact_id, conversation.dialogue, conversation.taken_over_until"
        " FROM address JOIN conversation ON conversation.address_id = address.id"
        " WHERE address.channel = 'xmpp' AND address.lookup = ?");
    if (!query(select, "b", lookup, sizeof lookup)) return make_conversation(way, jid, lookup);
    conversation found = {sqlite3_column_int64(select, 0), sqlite3_column_int64(select, 1)};
    size_t sealed = (size_t)sqlite3_column_bytes(select, 2);
    if (sealed) {
        row_bytes(found.id, row);
        field place = dialogue_field(way, row);
        field_open(&place, sqlite3_column_blob(select, 2), sealed, &dialogue);
    }
    done(select);
    return found;
}

static const segment *segment_of(path *way, const conversation *in)
{
    size_t index = (size_t)in->contact;
    if (index >= way->segment_count) {
        size_t count = index + 64;
        way->segments = realloc(way->segments, count * sizeof *way->segments);
        if (!way->segments) die("out of memory");
        memset(way->segments + way->segment_count, 0, (count - way->segment_count) * sizeof *way->segments);
        way->segment_count = count;
    }
    segment *today = &way->segments[index];
    if (!today->row) {
        /* Set-up, not measured: HPKE is left out, the row has its size. */
        uint8_t wrapped[97];
        random_bytes(today->id, sizeof today->id);
        random_bytes(today->key, sizeof today->key);
        random_bytes(wrapped, sizeof wrapped);
        today->contact = in->contact;
        today->day = way->now / 86400000;
        today->row = insert(
            STATEMENT("INSERT INTO segment (token, contact_id, day, compartment, wrapped)"
                      " VALUES (?, ?, ?, 'conversation', ?)"),
            "biib", today->id, sizeof today->id, today->contact, today->day, wrapped, sizeof wrapped);
    }
    return today;
}

/* Its place among all items, for staff; a trigger makes the event. */
static int64_t add_item(const path *way, const conversation *in, const message_record *record, int64_t message)
{
    int64_t position = insert(
        STATEMENT("INSERT INTO item (kind, row_id, conversation_id, author, stored_at)"
                  " VALUES ('message', ?, ?, '', ?)"),
        "iii", message, in->id, way->now);
    if (record->is_outgoing)
        run(STATEMENT("UPDATE conversation SET newest_item = ?, last_out_at = ? WHERE id = ?"), "iii", position,
            way->now, in->id);
    else
        run(STATEMENT("UPDATE conversation SET newest_item = ?, newest_in = ?, protection = 'end-to-end',"
                      " was_encrypted = was_encrypted OR 1 WHERE id = ?"),
            "iii", position, position, in->id);
    return position;
}

typedef struct {
    int64_t id;
    int64_t position;
} stored_message;

/* By what its app calls it, a later message may refer to this one. */
static void name_message(const path *way, const conversation *in, int64_t message, const char *name)
{
    uint8_t hash[32], value[8 + 40];
    size_t length = strlen(name);
    for (int i = 0; i < 8; i++) value[i] = (uint8_t)((uint64_t)in->id >> (56 - 8 * i));
    memcpy(value + 8, name, length);
    keyed_hash(way->us->keys.address_lookup, "sila lookup", "message-name", value, length + 8, hash);
    run(STATEMENT("INSERT OR IGNORE INTO message_name (hash, conversation_id, message_id) VALUES (?, ?, ?)"), "bii",
        hash, sizeof hash, in->id, message);
}

static stored_message store_message(path *way, const conversation *in, const message_record *record)
{
    static bytes sealed;
    const segment *under = segment_of(way, in);
    /* The row number is bound to the ciphertext, so it is known before the row is written. */
    int64_t id = next_number(STATEMENT(NEXT_NUMBER("message")));
    record_seal(under, record, id, &sealed);
    run(STATEMENT("INSERT INTO message (id, conversation_id, segment_id, direction, protection, stored_at, sealed)"
                  " VALUES (?, ?, ?, ?, 'end-to-end', ?, ?)"),
        "iiitib", id, in->id, under->row, record->is_outgoing ? "out" : "in", way->now, sealed.data, sealed.length);
    int64_t position = add_item(way, in, record, id);
    audit(way, record->is_outgoing ? "message-out" : "message-in", id);
    return (stored_message){id, position};
}

static void add_intent(path *way, const conversation *in, int64_t cause, const char *text)
{
    static bytes sealed;
    char origin[37];
    message_record record = {.text = text, .is_outgoing = 1, .sent_at = way->now, .stored_at = way->now};
    stored_message stored = store_message(way, in, &record);
    random_uuid(origin);
    field place = path_outbox_field(way, origin, "text");
    field_seal(&place, (const uint8_t *)text, strlen(text), &sealed);
    insert(
        STATEMENT("INSERT INTO outbox"
                  " (conversation_id, message_id, position, cause_id, protection, origin_id, text, created_at,"
                  " stage_at) VALUES (?, ?, ?, ?, 'end-to-end', ?, ?, ?, ?)"),
        "iiiitbii", in->id, stored.id, stored.position, cause, origin, sealed.data, sealed.length, way->now, way->now);
}

static void answer(path *way, const conversation *in, int64_t cause, const char *text)
{
    static bytes sealed;
    static const uint8_t state[] = {1};
    uint8_t row[9];
    row_bytes(in->id, row);
    field place = dialogue_field(way, row);
    savepoint();
    field_seal(&place, state, sizeof state, &sealed);
    run(STATEMENT("UPDATE conversation SET dialogue = ?, last_in_at = ?, outbox_not_before = 0, outbox_attempts = 0"
                  " WHERE id = ?"),
        "bii", sealed.data, sealed.length, way->now, in->id);
    add_intent(way, in, cause, text);
    release_savepoint();
}

static conversation take_in(path *way, const envelope *item, const uint8_t hash[32], bytes *text, int64_t *message)
{
    ours *us = way->us;
    signal_protocol_address address = {item->jid, strlen(item->jid), (int32_t)item->device};
    savepoint();
    ours_note_device(us, item->jid, item->device, way->now);
    session_cipher *cipher = ours_cipher(us, &address);
    if (!omemo_decrypt(us->context, cipher, &item->message, text)) die("a message does not open");
    session_cipher_free(cipher);
    run(STATEMENT("INSERT INTO dedup (hash, expires_at) VALUES (?, ?)"), "bi", hash, (size_t)32,
        way->now + dedup_milliseconds);
    run(STATEMENT("INSERT INTO archive_position (channel, position, at) VALUES ('xmpp', ?, ?)"
                  " ON CONFLICT (channel) DO UPDATE SET position = excluded.position, at = max(at, excluded.at)"),
        "ti", item->archive_id, way->now);
    conversation in = find_conversation(way, item->jid);
    message_record record = {
        .text = (const char *)text->data, .sent_at = way->now, .stored_at = way->now, .device = item->device};
    *message = store_message(way, &in, &record).id;
    name_message(way, &in, *message, item->archive_id);
    release_savepoint();
    return in;
}

void path_intake(path *way, const envelope *envelopes, size_t count)
{
    static bytes texts[batch_limit];
    conversation conversations[batch_limit];
    int64_t messages[batch_limit];
    size_t taken = 0;
    way->now = now_milliseconds();
    for (size_t i = 0; i < count; i++) {
        uint8_t hash[32];
        dedup_hash(way, &envelopes[i], hash);
        sqlite3_stmt *known = STATEMENT("SELECT 1 FROM dedup WHERE hash = ?");
        if (query(known, "b", hash, sizeof hash)) {
            done(known);
            continue;
        }
        conversations[taken] = take_in(way, &envelopes[i], hash, &texts[taken], &messages[taken]);
        taken++;
    }
    for (size_t i = 0; i < taken; i++)
        answer(way, &conversations[i], messages[i], (const char *)texts[i].data);
    way->committed += (int64_t)count;
    path_keep_mark(way, 0);
}
