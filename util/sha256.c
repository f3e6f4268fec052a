/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/sha256.h"

/*
 * A program that hashes some names and is done spends most of its time on libcrypto's relocations
 * and initialisation, where it has to use that.
 */
#if WITH_LIBMD

#include <sha2.h>

void sha256_of(const void *data, size_t len, uint8_t digest[static SHA256_SIZE])
{
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, data, len);
	SHA256Final(digest, &context);
}

#else

#include <openssl/sha.h>

void sha256_of(const void *data, size_t len, uint8_t digest[static SHA256_SIZE])
{
	(void)SHA256(data, len, digest);
}

#endif
