/* The primitives libsignal-protocol-c asks for, on OpenSSL's libcrypto. */
/* The low-level SHA functions are deprecated but the fastest OpenSSL offers for short input:
 * the peer is meant to be a strong one. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "provider.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <signal/signal_protocol.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

typedef struct {
    SHA256_CTX inner;
    SHA256_CTX outer;
} hmac_state;

static int provide_random(uint8_t *data, size_t length, void *unused)
{
    (void)unused;
    random_bytes(data, length);
    return SG_SUCCESS;
}

static void hmac_start(hmac_state *state, const uint8_t *key, size_t length)
{
    uint8_t block[SHA256_CBLOCK] = {0};
    if (length > sizeof block) {
        SHA256(key, length, block);
    } else {
        memcpy(block, key, length);
    }
    for (size_t i = 0; i < sizeof block; i++) block[i] ^= 0x36;
    SHA256_Init(&state->inner);
    SHA256_Update(&state->inner, block, sizeof block);
    for (size_t i = 0; i < sizeof block; i++) block[i] ^= 0x36 ^ 0x5c;
    SHA256_Init(&state->outer);
    SHA256_Update(&state->outer, block, sizeof block);
}

static void hmac_finish(hmac_state *state, uint8_t out[32])
{
    SHA256_Final(out, &state->inner);
    SHA256_Update(&state->outer, out, 32);
    SHA256_Final(out, &state->outer);
}

void hmac_sha256(
    const uint8_t *key, size_t key_length, const uint8_t *data, size_t length, uint8_t out[32])
{
    hmac_state state;
    hmac_start(&state, key, key_length);
    SHA256_Update(&state.inner, data, length);
    hmac_finish(&state, out);
}

static int hmac_init(void **context, const uint8_t *key, size_t length, void *unused)
{
    (void)unused;
    hmac_state *state = malloc(sizeof *state);
    if (!state) return SG_ERR_NOMEM;
    hmac_start(state, key, length);
    *context = state;
    return SG_SUCCESS;
}

static int hmac_update(void *context, const uint8_t *data, size_t length, void *unused)
{
    (void)unused;
    SHA256_Update(&((hmac_state *)context)->inner, data, length);
    return SG_SUCCESS;
}

static int hmac_final(void *context, signal_buffer **out, void *unused)
{
    (void)unused;
    uint8_t digest[32];
    hmac_finish(context, digest);
    *out = signal_buffer_create(digest, sizeof digest);
    return *out ? SG_SUCCESS : SG_ERR_NOMEM;
}

static void release(void *context, void *unused)
{
    (void)unused;
    free(context);
}

static int digest_init(void **context, void *unused)
{
    (void)unused;
    SHA512_CTX *state = malloc(sizeof *state);
    if (!state) return SG_ERR_NOMEM;
    SHA512_Init(state);
    *context = state;
    return SG_SUCCESS;
}

static int digest_update(void *context, const uint8_t *data, size_t length, void *unused)
{
    (void)unused;
    SHA512_Update(context, data, length);
    return SG_SUCCESS;
}

static int digest_final(void *context, signal_buffer **out, void *unused)
{
    (void)unused;
    uint8_t digest[64];
    SHA512_Final(digest, context);
    /* The library goes on with the same context for the next digest. */
    SHA512_Init(context);
    *out = signal_buffer_create(digest, sizeof digest);
    return *out ? SG_SUCCESS : SG_ERR_NOMEM;
}

static EVP_CIPHER_CTX *cipher_context(void)
{
    static EVP_CIPHER_CTX *context;
    if (!context) context = EVP_CIPHER_CTX_new();
    if (!context) die("out of memory");
    return context;
}

/* Fetched once: OpenSSL 3 looks a cipher up by name at every use otherwise. */
static EVP_CIPHER *cipher_named(const char *name)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    if (!cipher) die("OpenSSL has no %s", name);
    return cipher;
}

static int cbc(
    signal_buffer **out, int mode, const uint8_t *key, size_t key_length, const uint8_t *iv,
    const uint8_t *input, size_t length, int encrypts)
{
    static EVP_CIPHER *cipher;
    if (mode != SG_CIPHER_AES_CBC_PKCS5 || key_length != 32) return SG_ERR_INVAL;
    if (!cipher) cipher = cipher_named("AES-256-CBC");
    signal_buffer *buffer = signal_buffer_alloc(length + 16);
    if (!buffer) return SG_ERR_NOMEM;
    int first = 0, last = 0;
    EVP_CIPHER_CTX *context = cipher_context();
    if (EVP_CipherInit_ex2(context, cipher, key, iv, encrypts, NULL) != 1
        || EVP_CIPHER_CTX_set_padding(context, 1) != 1
        || EVP_CipherUpdate(context, signal_buffer_data(buffer), &first, input, (int)length) != 1
        || EVP_CipherFinal_ex(context, signal_buffer_data(buffer) + first, &last) != 1) {
        signal_buffer_free(buffer);
        return SG_ERR_INVALID_MESSAGE;
    }
    *out = signal_buffer_create(signal_buffer_data(buffer), (size_t)(first + last));
    signal_buffer_bzero_free(buffer);
    return *out ? SG_SUCCESS : SG_ERR_NOMEM;
}

static int encrypt(
    signal_buffer **out, int mode, const uint8_t *key, size_t key_length, const uint8_t *iv, size_t iv_length,
    const uint8_t *input, size_t length, void *unused)
{
    (void)unused;
    return iv_length == 16 ? cbc(out, mode, key, key_length, iv, input, length, 1) : SG_ERR_INVAL;
}

static int decrypt(
    signal_buffer **out, int mode, const uint8_t *key, size_t key_length, const uint8_t *iv, size_t iv_length,
    const uint8_t *input, size_t length, void *unused)
{
    (void)unused;
    return iv_length == 16 ? cbc(out, mode, key, key_length, iv, input, length, 0) : SG_ERR_INVAL;
}

static EVP_CIPHER *gcm_cipher(size_t key_length)
{
    static EVP_CIPHER *small, *large;
    if (!small) small = cipher_named("AES-128-GCM");
    if (!large) large = cipher_named("AES-256-GCM");
    return key_length == 16 ? small : large;
}

void gcm_seal(
    const uint8_t *key, size_t key_length, const uint8_t iv[12], const uint8_t *associated, size_t associated_length,
    const uint8_t *input, size_t length, uint8_t *out, uint8_t tag[16])
{
    EVP_CIPHER_CTX *context = cipher_context();
    int count = 0;
    if (EVP_CipherInit_ex2(context, gcm_cipher(key_length), key, iv, 1, NULL) != 1
        || (associated_length && EVP_CipherUpdate(context, NULL, &count, associated, (int)associated_length) != 1)
        || EVP_CipherUpdate(context, out, &count, input, (int)length) != 1
        || EVP_CipherFinal_ex(context, out + count, &count) != 1
        || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag) != 1) die("AES-GCM cannot seal");
}

int gcm_open(
    const uint8_t *key, size_t key_length, const uint8_t iv[12], const uint8_t *associated, size_t associated_length,
    const uint8_t *input, size_t length, const uint8_t tag[16], uint8_t *out)
{
    EVP_CIPHER_CTX *context = cipher_context();
    int count = 0;
    return EVP_CipherInit_ex2(context, gcm_cipher(key_length), key, iv, 0, NULL) == 1
        && (!associated_length || EVP_CipherUpdate(context, NULL, &count, associated, (int)associated_length) == 1)
        && EVP_CipherUpdate(context, out, &count, input, (int)length) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, (void *)(uintptr_t)tag) == 1
        && EVP_CipherFinal_ex(context, out + count, &count) == 1;
}

signal_context *make_context(void)
{
    signal_crypto_provider provider = {
        .random_func = provide_random,
        .hmac_sha256_init_func = hmac_init,
        .hmac_sha256_update_func = hmac_update,
        .hmac_sha256_final_func = hmac_final,
        .hmac_sha256_cleanup_func = release,
        .sha512_digest_init_func = digest_init,
        .sha512_digest_update_func = digest_update,
        .sha512_digest_final_func = digest_final,
        .sha512_digest_cleanup_func = release,
        .encrypt_func = encrypt,
        .decrypt_func = decrypt,
    };
    signal_context *context = NULL;
    if (signal_context_create(&context, NULL) || signal_context_set_crypto_provider(context, &provider))
        die("libsignal-protocol-c gives no context");
    return context;
}
