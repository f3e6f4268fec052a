/* SPDX-License-Identifier: BSD-3-Clause */
/* OpenSSL 3 would have a provider for this; its older way is ten lines. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tests/fuzz/fixed_random.h"

#include <stdint.h>
#include <stdlib.h>

#include <openssl/rand.h>

static uint64_t state;

/* splitmix64 */
static uint64_t next(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static int give(unsigned char *bytes, int len)
{
	for (int i = 0; i < len; i++)
		bytes[i] = (unsigned char)next();
	return 1;
}

static int is_seeded(void)
{
	return 1;
}

void fixed_random_begin(void)
{
	static const RAND_METHOD method = { .bytes = give,
					    .pseudorand = give,
					    .status = is_seeded };

	state = 0;
	if (RAND_get_rand_method() != &method && RAND_set_rand_method(&method) != 1)
		abort();
}
