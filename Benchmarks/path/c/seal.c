#include "seal.h"

#include <string.h>

#include "provider.h"

enum { overhead = 1 + 12 + 16 };

void working_keys_make(working_keys *keys) { random_bytes((uint8_t *)keys, sizeof *keys); }

static void add(bytes *target, const void *data, size_t length)
{
    bytes_append_u32(target, (uint32_t)length);
    bytes_append(target, data, length);
}

static void add_text(bytes *target, const char *text) { add(target, text, strlen(text)); }

static void add_version(bytes *target)
{
    const uint8_t version = 1;
    bytes_append(target, &version, 1);
}

static bytes *start(const char *label)
{
    static bytes transcript;
    bytes_clear(&transcript);
    add_text(&transcript, label);
    add_version(&transcript);
    return &transcript;
}

static uint8_t *room(bytes *out, size_t length)
{
    static const uint8_t zeros[4096];
    bytes_clear(out);
    for (size_t left = length; left;) {
        size_t part = left < sizeof zeros ? left : sizeof zeros;
        bytes_append(out, zeros, part);
        left -= part;
    }
    return out->data;
}

static void aead_seal(const uint8_t key[32], const bytes *associated, const uint8_t *value, size_t length, bytes *out)
{
    uint8_t *place = room(out, overhead + length);
    place[0] = 1;
    random_bytes(place + 1, 12);
    gcm_seal(
        key, 32, place + 1, associated->data, associated->length, value, length, place + 13, place + 13 + length);
}

static const bytes *field_associated(const field *place)
{
    bytes *transcript = start("sila field");
    add_text(transcript, place->table);
    add_text(transcript, place->column);
    add(transcript, place->row, place->row_length);
    return transcript;
}

void field_seal(const field *place, const uint8_t *value, size_t length, bytes *out)
{
    aead_seal(place->key, field_associated(place), value, length, out);
}

void field_open(const field *place, const uint8_t *sealed, size_t length, bytes *out)
{
    if (length < overhead) die("a sealed field of %s is too short", place->table);
    const bytes *associated = field_associated(place);
    size_t plain = length - overhead;
    uint8_t *target = room(out, plain ? plain : 1);
    if (!gcm_open(place->key, 32, sealed + 1, associated->data, associated->length, sealed + 13, plain,
            sealed + length - 16, target)) die("a sealed field of %s.%s does not open", place->table, place->column);
    out->length = plain;
}

void keyed_hash(
    const uint8_t key[32], const char *label, const char *purpose, const void *value, size_t length, uint8_t out[32])
{
    bytes *transcript = start(label);
    add_text(transcript, purpose);
    add(transcript, value, length);
    hmac_sha256(key, 32, transcript->data, transcript->length, out);
}

/* Sealing: record fields are a tag, a length of four bytes and the bytes. */
static void put(bytes *target, uint8_t tag, const void *data, size_t length)
{
    bytes_append(target, &tag, 1);
    add(target, data, length);
}

static void put_number(bytes *target, uint8_t tag, int64_t number)
{
    bytes_append(target, &tag, 1);
    bytes_append_u32(target, 8);
    bytes_append_u64(target, (uint64_t)number);
}

static size_t bucket(size_t needed)
{
    size_t size = 64;
    while (size < needed && size < 4096) size *= 2;
    return needed <= size ? size : (needed + 4095) / 4096 * 4096;
}

void record_seal(const segment *under, const message_record *message, int64_t row, bytes *out)
{
    static bytes encoded, padded;
    const uint8_t direction = message->is_outgoing ? 2 : 1;
    const uint8_t author = message->is_outgoing ? 2 : 1;
    bytes_clear(&encoded);
    add_version(&encoded);
    put(&encoded, 1, message->text, strlen(message->text));
    put(&encoded, 2, &direction, 1);
    put(&encoded, 3, &author, 1);
    put_number(&encoded, 4, message->sent_at);
    put_number(&encoded, 5, message->stored_at);
    put(&encoded, 6, "xmpp", 4);
    put(&encoded, 7, "end-to-end", 10);
    if (message->device) put_number(&encoded, 8, message->device);

    bytes_clear(&padded);
    bytes_append_u32(&padded, (uint32_t)encoded.length);
    bytes_append(&padded, encoded.data, encoded.length);
    static const uint8_t zeros[4096];
    bytes_append(&padded, zeros, bucket(padded.length) - padded.length);

    bytes *transcript = start("sila record");
    add(transcript, under->id, sizeof under->id);
    bytes_append_u64(transcript, (uint64_t)under->contact);
    bytes_append_u64(transcript, (uint64_t)under->day);
    add_text(transcript, "conversation");
    add_text(transcript, "message");
    bytes_append_u64(transcript, (uint64_t)row);
    aead_seal(under->key, transcript, padded.data, padded.length, out);
}
