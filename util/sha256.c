/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/sha256.h"

#include <stdlib.h>

/*
 * A program that hashes some names and is done spends most of its time on libcrypto's relocations
 * and initialisation, where it has to use that.
 */
#if WITH_LIBMD

#include <sha2.h>

struct sha256 {
	SHA2_CTX context;
};

static void begin(struct sha256 *sha256)
{
	SHA256Init(&sha256->context);
}

void sha256_add(struct sha256 *sha256, const void *data, size_t len)
{
	SHA256Update(&sha256->context, data, len);
}

static void finish(struct sha256 *sha256, uint8_t digest[static SHA256_SIZE])
{
	SHA256Final(digest, &sha256->context);
}

#else

#define OPENSSL_SUPPRESS_DEPRECATED /* what cannot fail, and needs no memory of its own */
#include <openssl/sha.h>

struct sha256 {
	SHA256_CTX context;
};

static void begin(struct sha256 *sha256)
{
	(void)SHA256_Init(&sha256->context);
}

void sha256_add(struct sha256 *sha256, const void *data, size_t len)
{
	(void)SHA256_Update(&sha256->context, data, len);
}

static void finish(struct sha256 *sha256, uint8_t digest[static SHA256_SIZE])
{
	(void)SHA256_Final(digest, &sha256->context);
}

#endif

void sha256_of(const void *data, size_t len, uint8_t digest[static SHA256_SIZE])
{
	struct sha256 sha256;

	begin(&sha256);
	sha256_add(&sha256, data, len);
	finish(&sha256, digest);
}

struct sha256 *sha256_new(void)
{
	struct sha256 *sha256 = malloc(sizeof(*sha256));

	if (sha256 != NULL)
		begin(sha256);
	return sha256;
}

void sha256_free(struct sha256 *sha256)
{
	free(sha256);
}

void sha256_end(struct sha256 *sha256, uint8_t digest[static SHA256_SIZE])
{
	finish(sha256, digest);
	begin(sha256);
}
