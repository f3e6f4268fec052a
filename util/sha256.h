/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SHA-256 (FIPS 180-4) of public text, for programs so short that loading libcrypto would cost more
 * time than all they do. Nothing secret goes through here.
 */
#ifndef VTPM_UTIL_SHA256_H
#define VTPM_UTIL_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_LEN 32

struct sha256 {
	uint32_t state[8];
	uint64_t len;
	uint8_t block[64];
};

void sha256_init(struct sha256 *sha);
void sha256_add(struct sha256 *sha, const void *data, size_t len);
void sha256_end(struct sha256 *sha, uint8_t digest[static SHA256_LEN]);

#endif
