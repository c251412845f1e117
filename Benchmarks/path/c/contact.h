/* The contacts: their side of each session lives in memory, and their work is not measured. */
#ifndef PATH_CONTACT_H
#define PATH_CONTACT_H

#include <signal/session_pre_key.h>
#include <signal/signal_protocol.h>
#include <stdint.h>

#include "omemo.h"

typedef struct contact contact;

/* A contact with an identity of their own and a session built from our bundle. */
contact *contact_make(
    signal_context *context, const char *jid, const signal_protocol_address *us, session_pre_key_bundle *bundle);
const char *contact_jid(const contact *person);
uint32_t contact_device(const contact *person);

/* Writes a message to us. `out` is replaced. */
void contact_write(contact *person, const char *text, omemo_message *out);
/* Reads a message of ours; ends the process when it does not open. */
void contact_read(contact *person, const omemo_message *message, bytes *text);

#endif
