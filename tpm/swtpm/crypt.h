/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * swtpm's encryption: a key as swtpm takes it from a file or a password; AES-CBC, the padding to a
 * multiple of the key's size, and HMAC-SHA256 with the same key over ciphertext and IV.
 */
#ifndef VTPM_TPM_SWTPM_CRYPT_H
#define VTPM_TPM_SWTPM_CRYPT_H

#include <stddef.h>
#include <stdint.h>

#include "util/secret.h"

struct error;

#define SWTPM_HMAC_SIZE 32

/* What swtpm takes as --key: aes-128-cbc or aes-256-cbc by the length. */
#define SWTPM_KEY_MAX 32

enum swtpm_kdf {
	SWTPM_PBKDF2, /* the default */
	SWTPM_SHA512,
};

/* A key of SIZE bytes, which is 16 or 32, from what swtpm's --key or --key pwdfile= reads. */
int swtpm_key_from_bytes(const struct secret *bytes, size_t size, struct secret **ret,
			 struct error *err);
int swtpm_key_from_password(const struct secret *password, size_t size, enum swtpm_kdf kdf,
			    struct secret **ret, struct error *err);

/* The length of LEN bytes' ciphertext. */
size_t swtpm_padded(size_t len, size_t key_size);

/* OUT has room for swtpm_padded() bytes, IV gets as many as the key has. */
int swtpm_encrypt(const uint8_t *data, size_t len, const struct secret *key, uint8_t *out,
		  uint8_t *iv, uint8_t hmac[static SWTPM_HMAC_SIZE]);

/*
 * IV is as long as the key; *DATA is allocated. -EKEYREJECTED: the HMAC is not this key's;
 * -EBADMSG: the padding is wrong.
 */
int swtpm_decrypt(const uint8_t *sealed, size_t len, const struct secret *key, const uint8_t *iv,
		  const uint8_t hmac[static SWTPM_HMAC_SIZE], uint8_t **data, size_t *data_len,
		  struct error *err);

#endif
