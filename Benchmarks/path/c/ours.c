#include "ours.h"

#include <signal/key_helper.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "provider.h"

typedef struct {
    uint8_t lookup[32];
    uint8_t row[36];
} device_key;

void ours_lookup(const ours *us, const char *jid, uint8_t out[32])
{
    keyed_hash(us->keys.address_lookup, "sila lookup", "address:xmpp", jid, strlen(jid), out);
}

static device_key key_of(const ours *us, const signal_protocol_address *address)
{
    device_key key;
    ours_lookup(us, address->name, key.lookup);
    memcpy(key.row, key.lookup, sizeof key.lookup);
    for (int i = 0; i < 4; i++) key.row[32 + i] = (uint8_t)((uint32_t)address->device_id >> (24 - 8 * i));
    return key;
}

static int64_t number_of(const signal_protocol_address *address) { return (int64_t)(uint32_t)address->device_id; }

static field session_field(const ours *us, const device_key *key)
{
    return (field){us->keys.session_record, "session", "record", key->row, sizeof key->row};
}

static field identity_field(const ours *us, const device_key *key)
{
    return (field){us->keys.other, "device", "identity_key", key->row, sizeof key->row};
}

static int load_session(
    signal_buffer **record, signal_buffer **user, const signal_protocol_address *address, void *data)
{
    ours *us = data;
    (void)user;
    device_key key = key_of(us, address);
    sqlite3_stmt *select = STATEMENT("SELECT record FROM session WHERE lookup = ? AND device_id = ?");
    if (!query(select, "bi", key.lookup, sizeof key.lookup, number_of(address))) return 0;
    static bytes plain;
    field place = session_field(us, &key);
    field_open(&place, sqlite3_column_blob(select, 0), (size_t)sqlite3_column_bytes(select, 0), &plain);
    done(select);
    *record = signal_buffer_create(plain.data, plain.length);
    return *record ? 1 : SG_ERR_NOMEM;
}

static int store_session(
    const signal_protocol_address *address, uint8_t *record, size_t length, uint8_t *user, size_t user_length,
    void *data)
{
    ours *us = data;
    (void)user;
    (void)user_length;
    static bytes sealed;
    device_key key = key_of(us, address);
    field place = session_field(us, &key);
    field_seal(&place, record, length, &sealed);
    run(STATEMENT("INSERT INTO session (lookup, device_id, record) VALUES (?, ?, ?)"
                  " ON CONFLICT (lookup, device_id) DO UPDATE SET record = excluded.record"),
        "bib", key.lookup, sizeof key.lookup, number_of(address), sealed.data, sealed.length);
    return SG_SUCCESS;
}

static int contains_session(const signal_protocol_address *address, void *data)
{
    device_key key = key_of(data, address);
    sqlite3_stmt *select = STATEMENT("SELECT 1 FROM session WHERE lookup = ? AND device_id = ?");
    int found = query(select, "bi", key.lookup, sizeof key.lookup, number_of(address));
    if (found) done(select);
    return found;
}

static int load_prekey(signal_buffer **record, uint32_t id, void *data)
{
    ours *us = data;
    if (id == 0 || id > us->prekey_count) return SG_ERR_INVALID_KEY_ID;
    return session_pre_key_serialize(record, us->prekeys[id - 1]);
}

static int remove_prekey(uint32_t id, void *data)
{
    (void)id;
    (void)data;
    return SG_SUCCESS;
}

static int load_signed_prekey(signal_buffer **record, uint32_t id, void *data)
{
    ours *us = data;
    (void)id;
    return session_signed_pre_key_serialize(record, us->signed_prekey);
}

static int identity_pair(signal_buffer **public_data, signal_buffer **private_data, void *data)
{
    ours *us = data;
    int code = ec_public_key_serialize(public_data, ratchet_identity_key_pair_get_public(us->identity));
    return code ? code : ec_private_key_serialize(private_data, ratchet_identity_key_pair_get_private(us->identity));
}

static int registration(void *data, uint32_t *id)
{
    *id = ((ours *)data)->device;
    return SG_SUCCESS;
}

static int save_identity(const signal_protocol_address *address, uint8_t *identity, size_t length, void *data)
{
    ours *us = data;
    static bytes sealed;
    device_key key = key_of(us, address);
    field place = identity_field(us, &key);
    field_seal(&place, identity, length, &sealed);
    run(STATEMENT("UPDATE device SET identity_key = ? WHERE lookup = ? AND device_id = ?"), "bbi", sealed.data,
        sealed.length, key.lookup, sizeof key.lookup, number_of(address));
    return SG_SUCCESS;
}

/* Trust on first use: a new key is taken, a changed one is not. */
static int is_trusted(const signal_protocol_address *address, uint8_t *identity, size_t length, void *data)
{
    ours *us = data;
    static bytes known;
    device_key key = key_of(us, address);
    sqlite3_stmt *select = STATEMENT("SELECT identity_key FROM device WHERE lookup = ? AND device_id = ?");
    if (!query(select, "bi", key.lookup, sizeof key.lookup, number_of(address))) return 1;
    int trusted = 1;
    size_t sealed = (size_t)sqlite3_column_bytes(select, 0);
    if (sealed) {
        field place = identity_field(us, &key);
        field_open(&place, sqlite3_column_blob(select, 0), sealed, &known);
        trusted = known.length == length && memcmp(known.data, identity, length) == 0;
    }
    done(select);
    return trusted;
}

void ours_note_device(ours *us, const char *jid, uint32_t device, int64_t now)
{
    uint8_t lookup[32];
    ours_lookup(us, jid, lookup);
    sqlite3_stmt *select =
        STATEMENT("SELECT device_id, identity_key, trust, is_active, first_seen_at, first_heard_at"
                  " FROM device WHERE lookup = ? AND device_id = ?");
    if (query(select, "bi", lookup, sizeof lookup, (int64_t)device)) {
        done(select);
        return;
    }
    run(STATEMENT("INSERT INTO device"
                  " (lookup, device_id, identity_key, trust, is_active, first_seen_at, first_heard_at)"
                  " VALUES (?, ?, x'', 'undecided', 1, ?, ?)"),
        "biii", lookup, sizeof lookup, (int64_t)device, now, now);
}

uint32_t ours_device_of(ours *us, const char *jid)
{
    uint8_t lookup[32];
    ours_lookup(us, jid, lookup);
    sqlite3_stmt *select =
        STATEMENT("SELECT device_id, trust, is_active FROM device WHERE lookup = ? ORDER BY device_id");
    uint32_t found = 0;
    if (query(select, "b", lookup, sizeof lookup)) {
        do {
            int blocked = strcmp((const char *)sqlite3_column_text(select, 1), "compromised") == 0;
            if (!blocked && sqlite3_column_int(select, 2) && !found)
                found = (uint32_t)sqlite3_column_int64(select, 0);
        } while (next(select));
    }
    return found;
}

static void install_stores(ours *us)
{
    signal_protocol_session_store sessions = {
        .load_session_func = load_session, .store_session_func = store_session,
        .contains_session_func = contains_session, .user_data = us};
    signal_protocol_pre_key_store prekeys = {
        .load_pre_key = load_prekey, .remove_pre_key = remove_prekey, .user_data = us};
    signal_protocol_signed_pre_key_store signed_prekeys = {
        .load_signed_pre_key = load_signed_prekey, .user_data = us};
    signal_protocol_identity_key_store identities = {
        .get_identity_key_pair = identity_pair, .get_local_registration_id = registration,
        .save_identity = save_identity, .is_trusted_identity = is_trusted, .user_data = us};
    if (signal_protocol_store_context_create(&us->stores, us->context)
        || signal_protocol_store_context_set_session_store(us->stores, &sessions)
        || signal_protocol_store_context_set_pre_key_store(us->stores, &prekeys)
        || signal_protocol_store_context_set_signed_pre_key_store(us->stores, &signed_prekeys)
        || signal_protocol_store_context_set_identity_key_store(us->stores, &identities))
        die("our stores cannot be installed");
}

void ours_make(ours *us, size_t contacts)
{
    memset(us, 0, sizeof *us);
    us->context = make_context();
    working_keys_make(&us->keys);
    us->device = 271828;
    us->prekeys = calloc(contacts, sizeof *us->prekeys);
    us->prekey_count = contacts;
    if (!us->prekeys || signal_protocol_key_helper_generate_identity_key_pair(&us->identity, us->context)
        || signal_protocol_key_helper_generate_signed_pre_key(
            &us->signed_prekey, us->identity, 1, (uint64_t)now_milliseconds(), us->context))
        die("our keys cannot be made");
    for (size_t i = 0; i < contacts; i++) {
        ec_key_pair *pair = NULL;
        if (curve_generate_key_pair(us->context, &pair)
            || session_pre_key_create(&us->prekeys[i], (uint32_t)i + 1, pair)) die("our prekeys cannot be made");
        SIGNAL_UNREF(pair);
    }
    install_stores(us);
}

session_pre_key_bundle *ours_bundle(const ours *us, size_t contact)
{
    session_pre_key_bundle *bundle = NULL;
    if (session_pre_key_bundle_create(
            &bundle, us->device, (int)us->device, (uint32_t)contact + 1,
            ec_key_pair_get_public(session_pre_key_get_key_pair(us->prekeys[contact])),
            session_signed_pre_key_get_id(us->signed_prekey),
            ec_key_pair_get_public(session_signed_pre_key_get_key_pair(us->signed_prekey)),
            session_signed_pre_key_get_signature(us->signed_prekey),
            session_signed_pre_key_get_signature_len(us->signed_prekey),
            ratchet_identity_key_pair_get_public(us->identity))) die("our bundle cannot be made");
    return bundle;
}

session_cipher *ours_cipher(ours *us, const signal_protocol_address *address)
{
    session_cipher *cipher = NULL;
    if (session_cipher_create(&cipher, us->stores, address, us->context)) die("no cipher");
    return cipher;
}
