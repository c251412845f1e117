#include "ours.h"

#include <signal/key_helper.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "provider.h"

/* What identifies a device's rows. */
typedef struct {
    uint8_t hash[32];
} device_key;

void ours_lookup(const ours *us, const char *jid, uint8_t out[32])
{
    keyed_hash(us->keys.address_lookup, "sila lookup", "address:xmpp", jid, strlen(jid), out);
}

static void big_endian(uint32_t value, uint8_t out[4])
{
    for (int i = 0; i < 4; i++) out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static device_key key_of(const ours *us, const char *jid, uint32_t device)
{
    device_key key;
    uint8_t value[4 + 64];
    size_t length = strlen(jid);
    if (length > sizeof value - 4) die("an address is too long");
    big_endian(device, value);
    memcpy(value + 4, jid, length);
    keyed_hash(us->keys.address_lookup, "sila lookup", "device:xmpp", value, length + 4, key.hash);
    return key;
}

static device_key key_of_address(const ours *us, const signal_protocol_address *address)
{
    return key_of(us, address->name, (uint32_t)address->device_id);
}

static field session_field(const ours *us, const device_key *key)
{
    return (field){us->keys.session_record, "session", "record", key->hash, sizeof key->hash};
}

static field identity_field(const ours *us, const void *hash)
{
    return (field){us->keys.other, "device", "identity", hash, 32};
}

static int load_session(
    signal_buffer **record, signal_buffer **user, const signal_protocol_address *address, void *data)
{
    ours *us = data;
    (void)user;
    device_key key = key_of_address(us, address);
    sqlite3_stmt *select = STATEMENT("SELECT record FROM session WHERE device = ?");
    if (!query(select, "b", key.hash, sizeof key.hash)) return 0;
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
    device_key key = key_of_address(us, address);
    field place = session_field(us, &key);
    field_seal(&place, record, length, &sealed);
    run(STATEMENT("INSERT INTO session (device, record) VALUES (?, ?)"
                  " ON CONFLICT (device) DO UPDATE SET record = excluded.record"),
        "bb", key.hash, sizeof key.hash, sealed.data, sealed.length);
    return SG_SUCCESS;
}

static int contains_session(const signal_protocol_address *address, void *data)
{
    device_key key = key_of_address(data, address);
    sqlite3_stmt *select = STATEMENT("SELECT 1 FROM session WHERE device = ?");
    int found = query(select, "b", key.hash, sizeof key.hash);
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

/* A device's id and, once a session was built, its identity key: sealed together. */
static void seal_identity(
    const ours *us, const device_key *key, uint32_t device, const uint8_t *identity, size_t length, bytes *out)
{
    uint8_t plain[4 + 64];
    if (length > sizeof plain - 4) die("an identity key is too long");
    big_endian(device, plain);
    if (length) memcpy(plain + 4, identity, length);
    field place = identity_field(us, key->hash);
    field_seal(&place, plain, length + 4, out);
}

static int save_identity(const signal_protocol_address *address, uint8_t *identity, size_t length, void *data)
{
    ours *us = data;
    static bytes sealed;
    device_key key = key_of_address(us, address);
    seal_identity(us, &key, (uint32_t)address->device_id, identity, length, &sealed);
    run(STATEMENT("UPDATE device SET identity = ? WHERE device = ?"), "bb", sealed.data, sealed.length, key.hash,
        sizeof key.hash);
    return SG_SUCCESS;
}

/* Reads the sealed identity that stands in the first column of a row. */
static void open_identity(const ours *us, const void *hash, sqlite3_stmt *select, bytes *plain)
{
    field place = identity_field(us, hash);
    field_open(&place, sqlite3_column_blob(select, 0), (size_t)sqlite3_column_bytes(select, 0), plain);
    if (plain->length < 4) die("a device has no id");
}

/* Trust on first use: a new key is taken, a changed one is not. */
static int is_trusted(const signal_protocol_address *address, uint8_t *identity, size_t length, void *data)
{
    ours *us = data;
    static bytes known;
    device_key key = key_of_address(us, address);
    sqlite3_stmt *select = STATEMENT("SELECT identity FROM device WHERE device = ?");
    if (!query(select, "b", key.hash, sizeof key.hash)) return 1;
    open_identity(us, key.hash, select, &known);
    done(select);
    return known.length == 4 || (known.length == length + 4 && memcmp(known.data + 4, identity, length) == 0);
}

void ours_note_device(ours *us, const char *jid, uint32_t device, int64_t now)
{
    static bytes identity;
    uint8_t account[32];
    device_key key = key_of(us, jid, device);
    sqlite3_stmt *select = STATEMENT(
        "SELECT identity, trust, is_active, first_seen_at, first_heard_at, was_listed, claimed, last_heard_at,"
        " stale_since FROM device WHERE device = ?");
    if (query(select, "b", key.hash, sizeof key.hash)) {
        open_identity(us, key.hash, select, &identity);
        done(select);
        return;
    }
    ours_lookup(us, jid, account);
    seal_identity(us, &key, device, NULL, 0, &identity);
    run(STATEMENT("INSERT INTO device (device, account, identity, trust, is_active, first_seen_at, first_heard_at,"
                  " was_listed, claimed, last_heard_at, stale_since, changed_at)"
                  " VALUES (?, ?, ?, 'undecided', 1, ?, ?, 0, x'', ?, 0, ?)"),
        "bbbiiii", key.hash, sizeof key.hash, account, sizeof account, identity.data, identity.length, now, now, now,
        now);
}

uint32_t ours_device_of(ours *us, const char *jid)
{
    static bytes identity;
    uint8_t account[32];
    ours_lookup(us, jid, account);
    sqlite3_stmt *select = STATEMENT(
        "SELECT identity, trust, is_active, device, first_seen_at, first_heard_at, was_listed, claimed, last_heard_at,"
        " stale_since FROM device WHERE account = ?");
    uint32_t found = 0;
    if (query(select, "b", account, sizeof account)) {
        do {
            open_identity(us, sqlite3_column_blob(select, 3), select, &identity);
            int blocked = strcmp((const char *)sqlite3_column_text(select, 1), "compromised") == 0;
            uint32_t device = (uint32_t)identity.data[0] << 24 | (uint32_t)identity.data[1] << 16
                | (uint32_t)identity.data[2] << 8 | identity.data[3];
            if (!blocked && sqlite3_column_int(select, 2) && (!found || device < found)) found = device;
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
