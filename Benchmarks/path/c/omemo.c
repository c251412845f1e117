#include "omemo.h"

#include <signal/protocol.h>
#include <stdio.h>
#include <string.h>

#include "provider.h"

/* What follows the ciphertext: a name for clients without OMEMO (XEP-0380), a word for them, a
 * storage hint (XEP-0334), our origin id (XEP-0359), and the wish for a receipt (XEP-0184). */
#define OMEMO_STANZA_REST_1 \
    "<encryption xmlns='urn:xmpp:eme:0' name='OMEMO' namespace='eu.siacs.conversations.axolotl'/>" \
    "<body>This message is encrypted with OMEMO. Your app must support OMEMO to read it.</body>" \
    "<store xmlns='urn:xmpp:hints'/>" \
    "<origin-id xmlns='urn:xmpp:sid:0' id='"
#define OMEMO_STANZA_REST_2 "'/><request xmlns='urn:xmpp:receipts'/></message>"

void omemo_encrypt(session_cipher *cipher, const char *text, omemo_message *out)
{
    /* XEP-0384 v0.3.0 §4.5: key and tag together go through the ratchet. */
    uint8_t secret[32];
    size_t length = strlen(text);
    random_bytes(secret, 16);
    random_bytes(out->iv, sizeof out->iv);
    bytes_clear(&out->payload);
    bytes_append(&out->payload, text, length);
    gcm_seal(secret, 16, out->iv, NULL, 0, out->payload.data, length, out->payload.data, secret + 16);

    ciphertext_message *message = NULL;
    if (session_cipher_encrypt(cipher, secret, sizeof secret, &message)) die("a message cannot be encrypted");
    signal_buffer *serialized = ciphertext_message_get_serialized(message);
    out->is_prekey = ciphertext_message_get_type(message) == CIPHERTEXT_PREKEY_TYPE;
    bytes_clear(&out->key);
    bytes_append(&out->key, signal_buffer_data(serialized), signal_buffer_len(serialized));
    SIGNAL_UNREF(message);
}

static signal_buffer *open_key(signal_context *context, session_cipher *cipher, const omemo_message *message)
{
    signal_buffer *secret = NULL;
    if (message->is_prekey) {
        pre_key_signal_message *parsed = NULL;
        if (pre_key_signal_message_deserialize(&parsed, message->key.data, message->key.length, context)) return NULL;
        session_cipher_decrypt_pre_key_signal_message(cipher, parsed, NULL, &secret);
        SIGNAL_UNREF(parsed);
    } else {
        signal_message *parsed = NULL;
        if (signal_message_deserialize(&parsed, message->key.data, message->key.length, context)) return NULL;
        session_cipher_decrypt_signal_message(cipher, parsed, NULL, &secret);
        SIGNAL_UNREF(parsed);
    }
    return secret;
}

int omemo_decrypt(signal_context *context, session_cipher *cipher, const omemo_message *message, bytes *text)
{
    signal_buffer *secret = open_key(context, cipher, message);
    if (!secret) return 0;
    int opens = 0;
    if (signal_buffer_len(secret) == 32) {
        const uint8_t *data = signal_buffer_data(secret);
        bytes_clear(text);
        bytes_append(text, message->payload.data, message->payload.length);
        opens = gcm_open(data, 16, message->iv, NULL, 0, text->data, text->length, data + 16, text->data);
        bytes_append(text, "", 1);
    }
    signal_buffer_bzero_free(secret);
    return opens;
}

void omemo_stanza(
    const omemo_message *message, const char *to, const char *origin_id, uint32_t sender, uint32_t recipient,
    bytes *out)
{
    char number[16];
    bytes_clear(out);
    bytes_append_text(out, "<message xmlns='jabber:client' to='");
    bytes_append_text(out, to);
    bytes_append_text(out, "' id='");
    bytes_append_text(out, origin_id);
    bytes_append_text(out, "' type='chat'><encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='");
    snprintf(number, sizeof number, "%u", sender);
    bytes_append_text(out, number);
    bytes_append_text(out, "'><key rid='");
    snprintf(number, sizeof number, "%u", recipient);
    bytes_append_text(out, number);
    bytes_append_text(out, message->is_prekey ? "' prekey='true'>" : "'>");
    bytes_append_base64(out, message->key.data, message->key.length);
    bytes_append_text(out, "</key><iv>");
    bytes_append_base64(out, message->iv, sizeof message->iv);
    bytes_append_text(out, "</iv></header><payload>");
    bytes_append_base64(out, message->payload.data, message->payload.length);
    bytes_append_text(out, "</payload></encrypted>");
    bytes_append_text(out, OMEMO_STANZA_REST_1);
    bytes_append_text(out, origin_id);
    bytes_append_text(out, OMEMO_STANZA_REST_2);
}
