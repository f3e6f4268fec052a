/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/swtpm/key.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "util/bytes.h"
#include "util/error.h"

#define PBKDF2_ITERATIONS 1000

int swtpm_key_from_bytes(const struct secret *bytes, size_t size, struct secret **ret,
			 struct error *err)
{
	cleanup_with(secret_freep) struct secret *key = NULL;
	const char *text = (const char *)bytes->bytes;
	size_t len = bytes->len;

	if (secret_new(size, &key) < 0)
		return error_set(err, ENOMEM, "take a key");
	if (len == size) {
		memcpy(key->bytes, bytes->bytes, size);
		*ret = take_ptr(key);
		return 0;
	}
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	if (len >= 2 && text[0] == '0' && text[1] == 'x') {
		text += 2;
		len -= 2;
	}
	if (hex_decode(text, len, key->bytes, size) < 0)
		return error_say(err, EINVAL,
				 "swtpm's key has neither %zu bytes nor %zu hex digits", size,
				 2 * size);
	*ret = take_ptr(key);
	return 0;
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
