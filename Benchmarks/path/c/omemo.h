/* An OMEMO 0.3 message for one device (XEP-0384 v0.3.0 §4.5), without its XML. */
#ifndef PATH_OMEMO_H
#define PATH_OMEMO_H

#include <signal/session_cipher.h>
#include <stdint.h>

#include "common.h"

typedef struct {
    int is_prekey;
    bytes key;
    uint8_t iv[12];
    bytes payload;
} omemo_message;

void omemo_encrypt(session_cipher *cipher, const char *text, omemo_message *out);
/* Returns 0 when the message does not open. `text` is replaced and ends with a zero. */
int omemo_decrypt(signal_context *context, session_cipher *cipher, const omemo_message *message, bytes *text);

/* The stanza as it goes to the wire. `out` is replaced. */
void omemo_stanza(
    const omemo_message *message, const char *to, const char *origin_id, uint32_t sender, uint32_t recipient,
    bytes *out);

#endif
