/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/quote/credential.h"

#include <errno.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "certs/x509/key_type.h"
#include "tpm/command.h"
#include "tpm/tcg.h"
#include "util/bytes.h"
#include "util/error.h"
#include "verify/log/bank.h"
#include "verify/quote/kdf.h"

DEFINE_CLEANUP(EVP_CIPHER_CTX, EVP_CIPHER_CTX_free);

#define COORDINATE_MOST 66

/* tpm2-tools' files. */
#define FILE_MAGIC 0xbadcc0de
#define FILE_VERSION 1

/* Both algorithms are those of the profile's template for this kind of key. */
struct protection {
	const struct key_type_info *type;
	const struct bank *hash;
	uint8_t seed[BANK_DIGEST_MOST];
};

static bool is_of_type(const EVP_PKEY *key, const struct key_type_info *type)
{
	if (type->algorithm == TPM2_ALG_RSA)
		return EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) == type->bits;
	return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_bits(key) == type->bits;
}

static int find_type(const EVP_PKEY *key, const struct key_type_info **ret, struct error *err)
{
	for (int i = KEY_NONE + 1; i < KEY_TYPES; i++) {
		*ret = key_type_info((enum key_type)i);
		if (is_of_type(key, *ret))
			return 0;
	}
	return error_say(err, ENOTSUP,
			 "the TCG has no template for an endorsement key of %s, %d bits",
			 EVP_PKEY_get0_type_name(key), EVP_PKEY_get_bits(key));
}

/* Encrypts the seed for an RSA key: OAEP, whose label includes its NUL. */
static int encrypt_seed(const EVP_PKEY *ek, const struct protection *protection,
			struct credential *ret)
{
	static const char label[] = "IDENTITY";
	cleanup_with(EVP_PKEY_CTX_freep) EVP_PKEY_CTX *context =
		EVP_PKEY_CTX_new_from_pkey(NULL, (EVP_PKEY *)(uintptr_t)ek, NULL);
	const char *hash = protection->hash->name;
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE,
						 (char *)(uintptr_t)OSSL_PKEY_RSA_PAD_MODE_OAEP, 0),
		OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST,
						 (char *)(uintptr_t)hash, 0),
		OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST,
						 (char *)(uintptr_t)hash, 0),
		OSSL_PARAM_construct_octet_string(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL,
						  (void *)(uintptr_t)label, sizeof(label)),
		OSSL_PARAM_construct_end(),
	};

	ret->encrypted_len = sizeof(ret->encrypted);
	return context != NULL && EVP_PKEY_encrypt_init_ex(context, params) == 1 &&
	       EVP_PKEY_encrypt(context, ret->encrypted, &ret->encrypted_len, protection->seed,
				protection->hash->size) == 1;
}

static bool get_coordinate(const EVP_PKEY *key, const char *which, uint8_t *ret, size_t len)
{
	BIGNUM *number = NULL;
	bool ok = EVP_PKEY_get_bn_param(key, which, &number) == 1 &&
		  BN_bn2binpad(number, ret, (int)len) == (int)len;

	BN_free(number);
	return ok;
}

static bool agree(EVP_PKEY *own, const EVP_PKEY *other, uint8_t *ret, size_t len)
{
	cleanup_with(EVP_PKEY_CTX_freep) EVP_PKEY_CTX *context =
		EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
	size_t agreed = len;

	return context != NULL && EVP_PKEY_derive_init(context) == 1 &&
	       EVP_PKEY_derive_set_peer(context, (EVP_PKEY *)(uintptr_t)other) == 1 &&
	       EVP_PKEY_derive(context, ret, &agreed) == 1 && agreed == len;
}

/* Agrees on the seed with a key on a curve; the point of a key that is used once is sent. */
static int agree_on_seed(const EVP_PKEY *ek, struct protection *protection, struct credential *ret,
			 struct error *err)
{
	const size_t len = (protection->type->bits + 7u) / 8;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *once =
		EVP_PKEY_Q_keygen(NULL, NULL, "EC", protection->type->group);
	uint8_t z[COORDINATE_MOST], ek_x[COORDINATE_MOST];
	uint8_t *x = ret->encrypted + 2, *y = ret->encrypted + 2 + len + 2;
	int r;

	put_be16(x - 2, (uint16_t)len);
	put_be16(y - 2, (uint16_t)len);
	ret->encrypted_len = 2 * (2 + len);
	if (once == NULL || !get_coordinate(once, OSSL_PKEY_PARAM_EC_PUB_X, x, len) ||
	    !get_coordinate(once, OSSL_PKEY_PARAM_EC_PUB_Y, y, len) ||
	    !get_coordinate(ek, OSSL_PKEY_PARAM_EC_PUB_X, ek_x, len) || !agree(once, ek, z, len))
		return openssl_error(err, EIO, "agree with the endorsement key");
	r = kdf_e(protection->hash->name, (struct kdf_bytes){ z, len }, "IDENTITY",
		  (struct kdf_bytes){ x, len }, (struct kdf_bytes){ ek_x, len }, protection->seed,
		  protection->hash->size, err);
	explicit_bzero(z, sizeof(z));
	return r;
}

static int make_seed(const EVP_PKEY *ek, struct protection *protection, struct credential *ret,
		     struct error *err)
{
	if (protection->type->algorithm == TPM2_ALG_ECC)
		return agree_on_seed(ek, protection, ret, err);
	if (RAND_bytes(protection->seed, protection->hash->size) != 1 ||
	    encrypt_seed(ek, protection, ret) != 1)
		return openssl_error(err, EIO, "encrypt for the endorsement key");
	return 0;
}

/* Encrypts in place: AES in the mode CFB, its initialization vector zero. */
static int encrypt_identity(const struct protection *protection, const uint8_t *name,
			    size_t name_len, uint8_t *bytes, size_t len, struct error *err)
{
	static const uint8_t zero[16];
	cleanup_with(EVP_CIPHER_CTX_freep) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	const bool is_128 = protection->type->symmetric_bits == 128;
	uint8_t key[32];
	int done = 0, r;

	r = kdf_a(protection->hash->name,
		  (struct kdf_bytes){ protection->seed, protection->hash->size }, "STORAGE",
		  (struct kdf_bytes){ name, name_len }, key, is_128 ? 16 : 32, err);
	if (r == 0 &&
	    (context == NULL ||
	     EVP_EncryptInit_ex2(context, is_128 ? EVP_aes_128_cfb128() : EVP_aes_256_cfb128(), key,
				 zero, NULL) != 1 ||
	     EVP_EncryptUpdate(context, bytes, &done, bytes, (int)len) != 1))
		r = openssl_error(err, EIO, "encrypt a secret");
	explicit_bzero(key, sizeof(key));
	return r;
}

/* The HMAC of the encrypted secret and the name that it is for. */
static int protect(const struct protection *protection, const uint8_t *name, size_t name_len,
		   const uint8_t *encrypted, size_t encrypted_len, uint8_t *ret, struct error *err)
{
	const size_t size = protection->hash->size;
	uint8_t message[2 + CREDENTIAL_SECRET + 2 + BANK_DIGEST_MOST], key[BANK_DIGEST_MOST];
	size_t len = 0;
	int r;

	if (name_len > sizeof(message) - encrypted_len)
		return error_set(err, EMSGSIZE, "protect a secret");
	memcpy(message, encrypted, encrypted_len);
	memcpy(message + encrypted_len, name, name_len);
	r = kdf_a(protection->hash->name, (struct kdf_bytes){ protection->seed, size }, "INTEGRITY",
		  (struct kdf_bytes){ NULL, 0 }, key, size, err);
	if (r == 0 && EVP_Q_mac(NULL, "HMAC", NULL, protection->hash->name, NULL, key, size,
				message, encrypted_len + name_len, ret, size, &len) == NULL)
		r = openssl_error(err, EIO, "protect a secret");
	explicit_bzero(key, sizeof(key));
	return r;
}

int credential_make(const EVP_PKEY *ek, const uint8_t *name, size_t name_len,
		    const uint8_t secret[static CREDENTIAL_SECRET], struct credential *ret,
		    struct error *err)
{
	struct protection protection;
	uint8_t *identity;
	size_t size;
	int r;

	r = find_type(ek, &protection.type, err);
	if (r < 0)
		return r;
	protection.hash = bank_find(protection.type->name_algorithm);
	size = protection.hash->size;
	r = make_seed(ek, &protection, ret, err);
	if (r < 0)
		return r;
	put_be16(ret->blob, (uint16_t)size);
	identity = ret->blob + 2 + size;
	put_be16(identity, CREDENTIAL_SECRET);
	memcpy(identity + 2, secret, CREDENTIAL_SECRET);
	ret->blob_len = 2 + size + 2 + CREDENTIAL_SECRET;
	r = encrypt_identity(&protection, name, name_len, identity, 2 + CREDENTIAL_SECRET, err);
	if (r == 0)
		r = protect(&protection, name, name_len, identity, 2 + CREDENTIAL_SECRET,
			    ret->blob + 2, err);
	explicit_bzero(protection.seed, sizeof(protection.seed));
	return r;
}

size_t credential_write(const struct credential *credential,
			uint8_t bytes[static CREDENTIAL_FILE_MOST])
{
	uint8_t *p = bytes;

	put_be32(p, FILE_MAGIC);
	put_be32(p + 4, FILE_VERSION);
	put_be16(p + 8, (uint16_t)credential->blob_len);
	memcpy(p + 10, credential->blob, credential->blob_len);
	p += 10 + credential->blob_len;
	put_be16(p, (uint16_t)credential->encrypted_len);
	memcpy(p + 2, credential->encrypted, credential->encrypted_len);
	return (size_t)(p - bytes) + 2 + credential->encrypted_len;
}

int credential_parse(const uint8_t *data, size_t len, struct credential *ret, struct error *err)
{
	struct tpm_reader reader = { data, len, false };
	const bool is_file =
		tpm_get_u32(&reader) == FILE_MAGIC && tpm_get_u32(&reader) == FILE_VERSION;
	const uint8_t *blob = tpm_get_sized(&reader, &ret->blob_len);
	const uint8_t *encrypted = tpm_get_sized(&reader, &ret->encrypted_len);

	if (!is_file || reader.truncated || reader.left > 0 || ret->blob_len > sizeof(ret->blob) ||
	    ret->encrypted_len > sizeof(ret->encrypted))
		return error_say(err, EBADMSG, "this is no challenge");
	memcpy(ret->blob, blob, ret->blob_len);
	memcpy(ret->encrypted, encrypted, ret->encrypted_len);
	return 0;
}
