#include "contact.h"

#include <signal/key_helper.h>
#include <signal/session_builder.h>
#include <signal/session_cipher.h>
#include <stdlib.h>
#include <string.h>

struct contact {
    char jid[64];
    uint32_t device;
    signal_context *context;
    ratchet_identity_key_pair *identity;
    signal_protocol_store_context *stores;
    session_cipher *cipher;
    /* A contact has one session: with us. */
    bytes session;
};

static int load_session(
    signal_buffer **record, signal_buffer **user, const signal_protocol_address *address, void *data)
{
    contact *person = data;
    (void)user;
    (void)address;
    if (!person->session.length) return 0;
    *record = signal_buffer_create(person->session.data, person->session.length);
    return *record ? 1 : SG_ERR_NOMEM;
}

static int store_session(
    const signal_protocol_address *address, uint8_t *record, size_t length, uint8_t *user, size_t user_length,
    void *data)
{
    contact *person = data;
    (void)address;
    (void)user;
    (void)user_length;
    bytes_clear(&person->session);
    bytes_append(&person->session, record, length);
    return SG_SUCCESS;
}

static int contains_session(const signal_protocol_address *address, void *data)
{
    (void)address;
    return ((contact *)data)->session.length > 0;
}

static int no_key(signal_buffer **record, uint32_t id, void *data)
{
    (void)record;
    (void)id;
    (void)data;
    return SG_ERR_INVALID_KEY_ID;
}

static int identity_pair(signal_buffer **public_data, signal_buffer **private_data, void *data)
{
    contact *person = data;
    int code = ec_public_key_serialize(public_data, ratchet_identity_key_pair_get_public(person->identity));
    if (code) return code;
    return ec_private_key_serialize(private_data, ratchet_identity_key_pair_get_private(person->identity));
}

static int registration(void *data, uint32_t *id)
{
    *id = ((contact *)data)->device;
    return SG_SUCCESS;
}

static int save_identity(const signal_protocol_address *address, uint8_t *key, size_t length, void *data)
{
    (void)address;
    (void)key;
    (void)length;
    (void)data;
    return SG_SUCCESS;
}

static int is_trusted(const signal_protocol_address *address, uint8_t *key, size_t length, void *data)
{
    (void)address;
    (void)key;
    (void)length;
    (void)data;
    return 1;
}

static void install_stores(contact *person)
{
    signal_protocol_session_store sessions = {
        .load_session_func = load_session, .store_session_func = store_session,
        .contains_session_func = contains_session, .user_data = person};
    signal_protocol_pre_key_store prekeys = {.load_pre_key = no_key, .user_data = person};
    signal_protocol_signed_pre_key_store signed_prekeys = {.load_signed_pre_key = no_key, .user_data = person};
    signal_protocol_identity_key_store identities = {
        .get_identity_key_pair = identity_pair, .get_local_registration_id = registration,
        .save_identity = save_identity, .is_trusted_identity = is_trusted, .user_data = person};
    if (signal_protocol_store_context_create(&person->stores, person->context)
        || signal_protocol_store_context_set_session_store(person->stores, &sessions)
        || signal_protocol_store_context_set_pre_key_store(person->stores, &prekeys)
        || signal_protocol_store_context_set_signed_pre_key_store(person->stores, &signed_prekeys)
        || signal_protocol_store_context_set_identity_key_store(person->stores, &identities))
        die("a contact gets no stores");
}

contact *contact_make(
    signal_context *context, const char *jid, const signal_protocol_address *us, session_pre_key_bundle *bundle)
{
    contact *person = calloc(1, sizeof *person);
    if (!person || strlen(jid) >= sizeof person->jid) die("a contact cannot be made");
    strcpy(person->jid, jid);
    random_bytes((uint8_t *)&person->device, sizeof person->device);
    person->device = (person->device & 0x7fffffff) | 1;
    person->context = context;
    if (signal_protocol_key_helper_generate_identity_key_pair(&person->identity, context))
        die("a contact gets no identity");
    install_stores(person);
    session_builder *builder = NULL;
    if (session_builder_create(&builder, person->stores, us, context)
        || session_builder_process_pre_key_bundle(builder, bundle)
        || session_cipher_create(&person->cipher, person->stores, us, context))
        die("a contact gets no session");
    session_builder_free(builder);
    return person;
}

const char *contact_jid(const contact *person) { return person->jid; }
uint32_t contact_device(const contact *person) { return person->device; }

void contact_write(contact *person, const char *text, omemo_message *out)
{
    omemo_encrypt(person->cipher, text, out);
}

void contact_read(contact *person, const omemo_message *message, bytes *text)
{
    if (!omemo_decrypt(person->context, person->cipher, message, text)) die("a contact cannot read a reply");
}
