/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/log/bank.h"

#include <openssl/evp.h>
#include <string.h>

#include "util/error.h"

static const struct bank banks[] = {
	{ 0x0004, 20, "sha1" },
	{ 0x000b, 32, "sha256" },
	{ 0x000c, 48, "sha384" },
	{ 0x000d, 64, "sha512" },
};

const struct bank *bank_find(uint16_t alg)
{
	for (size_t i = 0; i < sizeof(banks) / sizeof(banks[0]); i++) {
		if (banks[i].alg == alg)
			return &banks[i];
	}
	return NULL;
}

const struct bank *bank_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(banks) / sizeof(banks[0]); i++) {
		if (strcmp(banks[i].name, name) == 0)
			return &banks[i];
	}
	return NULL;
}

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
