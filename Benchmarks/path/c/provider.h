/* Primitives on OpenSSL's libcrypto, for libsignal-protocol-c and for sealing. */
#ifndef PATH_PROVIDER_H
#define PATH_PROVIDER_H

#include <signal/signal_protocol.h>
#include <stddef.h>
#include <stdint.h>

/* A context of the library with its crypto provider installed. Single-threaded: no locks. */
signal_context *make_context(void);

void hmac_sha256(
    const uint8_t *key, size_t key_length, const uint8_t *data, size_t length, uint8_t out[32]);

/* AES-GCM with a key of 16 or 32 bytes and a tag of 16. `out` holds `length` bytes. */
void gcm_seal(
    const uint8_t *key, size_t key_length, const uint8_t iv[12], const uint8_t *associated, size_t associated_length,
    const uint8_t *input, size_t length, uint8_t *out, uint8_t tag[16]);

/* Returns 0 when the tag does not fit. */
int gcm_open(
    const uint8_t *key, size_t key_length, const uint8_t iv[12], const uint8_t *associated, size_t associated_length,
    const uint8_t *input, size_t length, const uint8_t tag[16], uint8_t *out);

#endif
