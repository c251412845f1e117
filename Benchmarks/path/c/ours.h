/* Our side of the ratchets: identity, sessions and devices, in SQLite. */
#ifndef PATH_OURS_H
#define PATH_OURS_H

#include <signal/session_cipher.h>
#include <signal/session_pre_key.h>
#include <stdint.h>

#include "seal.h"

#define OUR_JID "helpline@example.org"

typedef struct {
    signal_context *context;
    working_keys keys;
    uint32_t device;
    ratchet_identity_key_pair *identity;
    session_signed_pre_key *signed_prekey;
    /* Sessions begin with a prekey; only set-up uses them, so they stay in memory. */
    session_pre_key **prekeys;
    size_t prekey_count;
    signal_protocol_store_context *stores;
} ours;

/* An identity with one prekey for each contact. */
void ours_make(ours *us, size_t contacts);
/* The bundle a contact fetches, with the prekey kept for them. Unref it. */
session_pre_key_bundle *ours_bundle(const ours *us, size_t contact);

/* The hash by which an address and its devices are found. */
void ours_lookup(const ours *us, const char *jid, uint8_t out[32]);

/* Remembers a device unless it is known. */
void ours_note_device(ours *us, const char *jid, uint32_t device, int64_t now);
/* The first active device of an account that nobody has blocked; 0 when there is none. */
uint32_t ours_device_of(ours *us, const char *jid);

/* A cipher for one device; `address` must live as long as it. */
session_cipher *ours_cipher(ours *us, const signal_protocol_address *address);

#endif
