/* Sealing with the sizes and the work of the daemon's two rings. */
#ifndef PATH_SEAL_H
#define PATH_SEAL_H

#include <stdint.h>

#include "common.h"

/* Subkeys are derived once and kept, as the daemon keeps them. */
typedef struct {
    uint8_t address_lookup[32];
    uint8_t dedup[32];
    uint8_t conversation_dialogue[32];
    uint8_t address_routing[32];
    uint8_t outbox_text[32];
    uint8_t outbox_prepared[32];
    uint8_t session_record[32];
    uint8_t other[32];
} working_keys;

void working_keys_make(working_keys *keys);

/* The place of a field of the working ring: bound to its ciphertext. */
typedef struct {
    const uint8_t *key;
    const char *table;
    const char *column;
    const void *row;
    size_t row_length;
} field;

/* Version (1 byte), nonce (12), ciphertext, tag (16). `out` is replaced. */
void field_seal(const field *place, const uint8_t *value, size_t length, bytes *out);
void field_open(const field *place, const uint8_t *sealed, size_t length, bytes *out);

/* A keyed hash of a value for one purpose. */
void keyed_hash(
    const uint8_t key[32], const char *label, const char *purpose, const void *value, size_t length, uint8_t out[32]);

/* The key of one contact and day. */
typedef struct {
    int64_t row;
    uint8_t id[16];
    uint8_t key[32];
    int64_t contact;
    int64_t day;
} segment;

typedef struct {
    const char *text;
    int is_outgoing;
    int64_t sent_at;
    int64_t stored_at;
    uint32_t device;
} message_record;

/* Encodes, pads to a bucket and seals a message. `out` is replaced. */
void record_seal(const segment *under, const message_record *message, int64_t row, bytes *out);

#endif
