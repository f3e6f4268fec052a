/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The hashes of banks, by OpenSSL: bank_hash(), bank_extend(). Apart, so that a program that only
 * names banks needs no OpenSSL.
 */
#include <openssl/evp.h>
#include <string.h>

#include "util/error.h"
#include "verify/log/bank.h"

static const EVP_MD *digest_of(const struct bank *bank)
{
	switch (bank->size) {
	case 20:
		return EVP_sha1();
	case 32:
		return EVP_sha256();
	case 48:
		return EVP_sha384();
	default:
		return EVP_sha512();
	}
}

int bank_hash(const struct bank *bank, const uint8_t *data, size_t len, uint8_t *digest,
	      struct error *err)
{
	if (EVP_Digest(data, len, digest, NULL, digest_of(bank), NULL) != 1)
		return error_say(err, EIO, "OpenSSL gives no %s", bank->name);
	return 0;
}

int bank_extend(const struct bank *bank, uint8_t *value, const uint8_t *digest, struct error *err)
{
	uint8_t both[2 * BANK_DIGEST_MOST];

	memcpy(both, value, bank->size);
	memcpy(both + bank->size, digest, bank->size);
	return bank_hash(bank, both, 2U * bank->size, value, err);
}
