/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/swtpm/crypt.h"

#include <errno.h>
#include <string.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "util/error.h"
#include "util/wiped.h"

#define PBKDF2_ITERATIONS 1000

DEFINE_CLEANUP(EVP_CIPHER_CTX, EVP_CIPHER_CTX_free);
DEFINE_CLEANUP(EVP_MAC, EVP_MAC_free);
DEFINE_CLEANUP(EVP_MAC_CTX, EVP_MAC_CTX_free);

int swtpm_key_from_bytes(const struct secret *bytes, size_t size, struct secret **ret,
			 struct error *err)
{
	int r = bytes->len == size ? secret_copy(bytes->bytes, size, ret)
				   : secret_from_hex(bytes->bytes, bytes->len, size, ret);

	if (r == -EINVAL)
		return error_say(err, EINVAL,
				 "swtpm's key has neither %zu bytes nor %zu hex digits", size,
				 2 * size);
	return r < 0 ? error_set(err, -r, "take a key") : 0;
}

int swtpm_key_from_password(const struct secret *password, size_t size, enum swtpm_kdf kdf,
			    struct secret **ret, struct error *err)
{
	cleanup_with(secret_freep) struct secret *key = NULL;
	static const unsigned char salt[] = { 's', 'w', 't', 'p', 'm' };
	uint8_t digest[64];
	int ok;

	if (secret_new(size, &key) < 0)
		return error_set(err, ENOMEM, "take a password");
	if (kdf == SWTPM_SHA512) {
		ok = EVP_Digest(password->bytes, password->len, digest, NULL, EVP_sha512(), NULL);
		memcpy(key->bytes, digest, size);
		explicit_bzero(digest, sizeof(digest));
	} else {
		ok = PKCS5_PBKDF2_HMAC((const char *)password->bytes, (int)password->len, salt,
				       sizeof(salt), PBKDF2_ITERATIONS, EVP_sha512(), (int)size,
				       key->bytes);
	}
	if (ok != 1) {
		ERR_clear_error();
		return error_set(err, EIO, "derive swtpm's key");
	}
	*ret = take_ptr(key);
	return 0;
}

size_t swtpm_padded(size_t len, size_t key_size)
{
	return len / key_size * key_size + key_size;
}

static int run_cbc(const struct secret *key, const uint8_t *iv, int encrypt, const uint8_t *in,
		   size_t len, uint8_t *out)
{
	const EVP_CIPHER *cipher = key->len == 32 ? EVP_aes_256_cbc() : EVP_aes_128_cbc();
	cleanup_with(EVP_CIPHER_CTX_freep) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int done;

	if (ctx == NULL || EVP_CipherInit_ex2(ctx, cipher, key->bytes, iv, encrypt, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(ctx, 0) != 1 ||
	    EVP_CipherUpdate(ctx, out, &done, in, (int)len) != 1 || (size_t)done != len) {
		ERR_clear_error();
		return -EIO;
	}
	return 0;
}

static int compute_hmac(const struct secret *key, const uint8_t *sealed, size_t len,
			const uint8_t *iv, uint8_t hmac[static SWTPM_HMAC_SIZE])
{
	char name[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end(),
	};
	cleanup_with(EVP_MAC_freep) EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	cleanup_with(EVP_MAC_CTX_freep) EVP_MAC_CTX *ctx =
		mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
	size_t size;

	if (ctx == NULL || EVP_MAC_init(ctx, key->bytes, key->len, params) != 1 ||
	    EVP_MAC_update(ctx, sealed, len) != 1 || EVP_MAC_update(ctx, iv, key->len) != 1 ||
	    EVP_MAC_final(ctx, hmac, &size, SWTPM_HMAC_SIZE) != 1) {
		ERR_clear_error();
		return -EIO;
	}
	return 0;
}

int swtpm_encrypt(const uint8_t *data, size_t len, const struct secret *key, uint8_t *out,
		  uint8_t *iv, uint8_t hmac[static SWTPM_HMAC_SIZE])
{
	size_t padded = swtpm_padded(len, key->len);
	int r;

	if (RAND_bytes(iv, (int)key->len) != 1) {
		ERR_clear_error();
		return -EIO;
	}
	/* Every byte of the padding is its length; there is always some. */
	memcpy(out, data, len);
	memset(out + len, (int)(padded - len), padded - len);
	r = run_cbc(key, iv, 1, out, padded, out);
	return r < 0 ? r : compute_hmac(key, out, padded, iv, hmac);
}

/* How many bytes in front of the padding; 0: there is something wrong with it. */
static size_t unpadded(const uint8_t *data, size_t len, size_t key_size)
{
	size_t pad = data[len - 1];

	if (pad == 0 || pad > key_size || pad >= len)
		return 0;
	for (size_t i = len - pad; i < len; i++) {
		if (data[i] != pad)
			return 0;
	}
	return len - pad;
}

int swtpm_decrypt(const uint8_t *sealed, size_t len, const struct secret *key, const uint8_t *iv,
		  const uint8_t hmac[static SWTPM_HMAC_SIZE], uint8_t **data, size_t *data_len,
		  struct error *err)
{
	uint8_t expected[SWTPM_HMAC_SIZE];
	cleanup_wiped struct wiped plain = { 0 };

	if (len % key->len != 0)
		return error_say(err, EBADMSG, "a state file of swtpm, but corrupt");
	if (compute_hmac(key, sealed, len, iv, expected) < 0)
		return error_set(err, EIO, "HMAC");
	if (CRYPTO_memcmp(expected, hmac, sizeof(expected)) != 0)
		return error_say(err, EKEYREJECTED, "wrong key, or corrupt");
	plain = (struct wiped){ malloc(len), len };
	if (plain.data == NULL || run_cbc(key, iv, 0, sealed, len, plain.data) < 0)
		return error_set(err, ENOMEM, "decrypt a state file of swtpm");
	*data_len = unpadded(plain.data, len, key->len);
	if (*data_len == 0)
		return error_say(err, EBADMSG, "a state file of swtpm, but corrupt");
	*data = take_ptr(plain.data);
	return 0;
}
