/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/seal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include "util/error.h"

#define GCM_TAG_SIZE 16
#define INFO_MAX 64

/* Keys, in locked memory: one for each kind of blob, and the value that tells a wrong key. */
struct seal_keys {
	uint8_t check[STATE_CHECK_SIZE];
	uint8_t blob[BLOBS][KEY_SIZE];
};

struct seal {
	enum key_kind kind;
	struct secret *keys;
};

DEFINE_CLEANUP(EVP_KDF, EVP_KDF_free);
DEFINE_CLEANUP(EVP_KDF_CTX, EVP_KDF_CTX_free);
DEFINE_CLEANUP(EVP_CIPHER_CTX, EVP_CIPHER_CTX_free);
DEFINE_CLEANUP(EVP_MD_CTX, EVP_MD_CTX_free);

static struct seal_keys *seal_keys(const struct seal *seal)
{
	return (struct seal_keys *)(void *)seal->keys->bytes;
}

static int crypto_error(struct error *err, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	int out_of_memory = ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
	const char *reason = ERR_reason_error_string(code);

	ERR_clear_error();
	if (reason == NULL) /* a server has no texts loaded; openssl errstr has them */
		return error_say(err, out_of_memory ? ENOMEM : EIO, "%s: OpenSSL error %lX", what,
				 code);
	return error_say(err, out_of_memory ? ENOMEM : EIO, "%s: %s", what, reason);
}

static int derive(const char *name, const OSSL_PARAM *params, uint8_t *out, size_t len,
		  struct error *err)
{
	cleanup_with(EVP_KDF_freep) EVP_KDF *kdf = EVP_KDF_fetch(NULL, name, NULL);
	cleanup_with(EVP_KDF_CTX_freep) EVP_KDF_CTX *ctx = NULL;

	if (kdf != NULL)
		ctx = EVP_KDF_CTX_new(kdf);
	if (ctx == NULL || EVP_KDF_derive(ctx, out, len, params) != 1)
		return crypto_error(err, name);
	return 0;
}

static OSSL_PARAM octets(const char *name, const void *bytes, size_t len)
{
	return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)bytes, len);
}

static int stretch(const struct secret *password, const struct state_header *header,
		   struct secret **ret, struct error *err)
{
	uint64_t n = header->kdf.n, most = 20ULL << 20;
	uint32_t r = header->kdf.r, p = header->kdf.p;
	OSSL_PARAM params[] = {
		octets(OSSL_KDF_PARAM_PASSWORD, password->bytes, password->len),
		octets(OSSL_KDF_PARAM_SALT, header->salt, STATE_SALT_SIZE),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &most),
		OSSL_PARAM_construct_end(),
	};
	cleanup_with(secret_freep) struct secret *key = NULL;
	int result;

	if (secret_new(KEY_SIZE, &key) < 0)
		return error_set(err, ENOMEM, "scrypt");
	result = derive("SCRYPT", params, key->bytes, KEY_SIZE, err);
	if (result == 0)
		*ret = take_ptr(key);
	return result;
}

/* From format 2 on a key is good for one TPM: the other's files do not open under its header. */
static size_t put_purpose(char *info, const struct state_header *header, const char *purpose)
{
	size_t len = (size_t)snprintf(info, INFO_MAX, "vtpm-state %u %s", header->format, purpose);

	if (header->format == STATE_FORMAT_OLDEST)
		return len;
	memcpy(info + len, header->id, STATE_ID_SIZE);
	return len + STATE_ID_SIZE;
}

static int expand(const struct secret *key, const struct state_header *header, const char *purpose,
		  uint8_t *out, struct error *err)
{
	char digest[] = "SHA256", info[INFO_MAX + STATE_ID_SIZE];
	size_t len = put_purpose(info, header, purpose);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		octets(OSSL_KDF_PARAM_KEY, key->bytes, key->len),
		octets(OSSL_KDF_PARAM_SALT, header->salt, STATE_SALT_SIZE),
		octets(OSSL_KDF_PARAM_INFO, info, len),
		OSSL_PARAM_construct_end(),
	};

	return derive("HKDF", params, out, KEY_SIZE, err);
}

static int expand_all(struct seal *seal, const struct secret *key,
		      const struct state_header *header, struct error *err)
{
	static const char *const purposes[BLOBS] = {
		[BLOB_PERMANENT] = "permanent",
		[BLOB_VOLATILE] = "volatile",
		[BLOB_SAVESTATE] = "savestate",
	};
	struct seal_keys *keys;
	int r;

	if (secret_new(sizeof(*keys), &seal->keys) < 0)
		return error_set(err, ENOMEM, "HKDF");
	keys = seal_keys(seal);
	r = expand(key, header, "check", keys->check, err);
	for (int i = 0; i < BLOBS && r == 0; i++)
		r = expand(key, header, purposes[i], keys->blob[i], err);
	return r;
}

int seal_new(const struct state_header *header, const struct secret *secret, struct seal **ret,
	     struct error *err)
{
	cleanup_with(secret_freep) struct secret *stretched = NULL;
	cleanup_with(seal_freep) struct seal *seal = calloc(1, sizeof(*seal));
	int r = 0;

	if (seal == NULL)
		return error_set(err, ENOMEM, "take a key");
	seal->kind = header->key;
	if (header->key == KEY_PASSWORD) {
		r = stretch(secret, header, &stretched, err);
		secret = stretched;
	}
	if (r == 0 && header->key != KEY_PLAIN)
		r = expand_all(seal, secret, header, err);
	if (r == 0)
		*ret = take_ptr(seal);
	return r;
}

int seal_choose(struct state_header *header, const struct state_key *key, struct error *err)
{
	header->key = state_key_kind(key);
	header->kdf = header->key == KEY_PASSWORD ? SEAL_KDF_DEFAULT : (struct state_kdf){ 0 };
	if (getrandom(header->salt, sizeof(header->salt), 0) != sizeof(header->salt))
		return error_set(err, EIO, "random numbers");
	return 0;
}

int seal_new_by_key(const struct state_header *header, const struct state_key *key, bool may_make,
		    struct seal **ret, struct error *err)
{
	cleanup_with(secret_freep) struct secret *secret = NULL;
	int r = state_key_get(key, may_make, &secret, err);

	return r < 0 ? r : seal_new(header, secret, ret, err);
}

void seal_free(struct seal *seal)
{
	if (seal == NULL)
		return;
	secret_free(seal->keys);
	free(seal);
}

void seal_check(const struct seal *seal, uint8_t check[static STATE_CHECK_SIZE])
{
	if (seal->kind == KEY_PLAIN)
		memset(check, 0, STATE_CHECK_SIZE);
	else
		memcpy(check, seal_keys(seal)->check, STATE_CHECK_SIZE);
}

bool seal_is_of(const struct seal *seal, const struct state_header *header)
{
	uint8_t check[STATE_CHECK_SIZE];

	seal_check(seal, check);
	return seal->kind == header->key && memcmp(check, header->check, sizeof(check)) == 0;
}

/* What both ends of a seal begin with: the key, the nonce, and what is sealed along. */
static bool gcm_begin(EVP_CIPHER_CTX *ctx, const struct seal *seal, const uint8_t *header,
		      const struct state_slot *slot, int encrypt)
{
	uint8_t fields[STATE_SLOT_HEADER_SIZE];
	int len;

	state_slot_build(slot, fields);
	return EVP_CipherInit_ex2(ctx, EVP_aes_256_gcm(), seal_keys(seal)->blob[slot->blob],
				  slot->nonce, encrypt, NULL) == 1 &&
	       EVP_CipherUpdate(ctx, NULL, &len, header, STATE_HEADER_SIZE) == 1 &&
	       EVP_CipherUpdate(ctx, NULL, &len, fields, STATE_SLOT_AAD_SIZE) == 1;
}

static int gcm_close(const struct seal *seal, const uint8_t *header, struct state_slot *slot,
		     const uint8_t *data, uint8_t *out)
{
	cleanup_with(EVP_CIPHER_CTX_freep) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len;

	memset(slot->tag, 0, sizeof(slot->tag));
	if (ctx == NULL || RAND_bytes(slot->nonce, STATE_NONCE_SIZE) != 1 ||
	    !gcm_begin(ctx, seal, header, slot, 1) ||
	    EVP_CipherUpdate(ctx, out, &len, data, (int)slot->len) != 1 ||
	    EVP_CipherFinal_ex(ctx, out + len, &len) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_SIZE, slot->tag) != 1)
		return crypto_error(NULL, "");
	return 0;
}

static int gcm_open(const struct seal *seal, const uint8_t *header, const struct state_slot *slot,
		    const uint8_t *sealed, uint8_t *out)
{
	cleanup_with(EVP_CIPHER_CTX_freep) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t tag[GCM_TAG_SIZE];
	int len;

	for (size_t i = GCM_TAG_SIZE; i < STATE_TAG_SIZE; i++) {
		if (slot->tag[i] != 0)
			return -EBADMSG;
	}
	memcpy(tag, slot->tag, sizeof(tag));
	if (ctx == NULL || !gcm_begin(ctx, seal, header, slot, 0) ||
	    EVP_CipherUpdate(ctx, out, &len, sealed, (int)slot->len) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, GCM_TAG_SIZE, tag) != 1)
		return crypto_error(NULL, "");
	if (EVP_CipherFinal_ex(ctx, out + len, &len) != 1) {
		explicit_bzero(out, slot->len);
		ERR_clear_error();
		return -EBADMSG;
	}
	return 0;
}

static int checksum(const uint8_t *header, const struct state_slot *slot, const uint8_t *data,
		    uint8_t digest[static STATE_TAG_SIZE])
{
	cleanup_with(EVP_MD_CTX_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t fields[STATE_SLOT_HEADER_SIZE];

	state_slot_build(slot, fields);
	if (ctx == NULL || EVP_DigestInit_ex2(ctx, EVP_sha256(), NULL) != 1 ||
	    EVP_DigestUpdate(ctx, header, STATE_HEADER_SIZE) != 1 ||
	    EVP_DigestUpdate(ctx, fields, STATE_SLOT_AAD_SIZE) != 1 ||
	    EVP_DigestUpdate(ctx, data, slot->len) != 1 ||
	    EVP_DigestFinal_ex(ctx, digest, NULL) != 1)
		return crypto_error(NULL, "");
	return 0;
}

int seal_close(const struct seal *seal, const uint8_t *header, struct state_slot *slot,
	       const uint8_t *data, uint8_t *out)
{
	if (seal->kind != KEY_PLAIN)
		return gcm_close(seal, header, slot, data, out);
	memset(slot->nonce, 0, sizeof(slot->nonce));
	memcpy(out, data, slot->len);
	return checksum(header, slot, data, slot->tag);
}

int seal_slot(const struct seal *seal, const uint8_t *header, struct state_slot *slot,
	      const uint8_t *data, uint8_t *bytes)
{
	int r = seal_close(seal, header, slot, data, bytes + STATE_SLOT_HEADER_SIZE);

	if (r == 0)
		state_slot_build(slot, bytes);
	return r;
}

int seal_open(const struct seal *seal, const uint8_t *header, const struct state_slot *slot,
	      const uint8_t *sealed, uint8_t *out)
{
	static const uint8_t no_nonce[STATE_NONCE_SIZE];
	uint8_t digest[STATE_TAG_SIZE];
	int r;

	if (seal->kind != KEY_PLAIN)
		return gcm_open(seal, header, slot, sealed, out);
	r = checksum(header, slot, sealed, digest);
	if (r < 0)
		return r;
	if (memcmp(digest, slot->tag, sizeof(digest)) != 0 ||
	    memcmp(slot->nonce, no_nonce, sizeof(no_nonce)) != 0)
		return -EBADMSG;
	memcpy(out, sealed, slot->len);
	return 0;
}
