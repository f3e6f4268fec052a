/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/name_hash.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "util/bytes.h"

/*
 * A program that hashes a name and is done spends most of its time on libcrypto's relocations and
 * initialisation, where it has to use that.
 */
#if WITH_LIBMD

#include <sha2.h>

static void hash(const char *text, uint8_t digest[static SHA256_DIGEST_LENGTH])
{
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, (const uint8_t *)text, strlen(text));
	SHA256Final(digest, &context);
}

#else

#include <openssl/sha.h>

static void hash(const char *text, uint8_t digest[static SHA256_DIGEST_LENGTH])
{
	(void)SHA256((const unsigned char *)text, strlen(text), digest);
}

#endif

void name_hash(const char *text, size_t digits, char *ret)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	char hex[NAME_HASH_MAX + 1];

	assert(digits <= NAME_HASH_MAX);
	hash(text, digest);
	hex_encode(digest, sizeof(digest), hex);
	memcpy(ret, hex, digits);
	ret[digits] = '\0';
}
