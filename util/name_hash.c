/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/name_hash.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "util/bytes.h"
#include "util/sha256.h"

void name_hash(const char *text, size_t digits, char *ret)
{
	uint8_t digest[SHA256_SIZE];
	char hex[NAME_HASH_MAX + 1];

	assert(digits <= NAME_HASH_MAX);
	sha256_of(text, strlen(text), digest);
	hex_encode(digest, sizeof(digest), hex);
	memcpy(ret, hex, digits);
	ret[digits] = '\0';
}
