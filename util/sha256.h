/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SHA-256, for programs that do without libcrypto where they can.
 */
#ifndef VTPM_UTIL_SHA256_H
#define VTPM_UTIL_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "util/cleanup.h"

struct sha256;

#define SHA256_SIZE 32

void sha256_of(const void *data, size_t len, uint8_t digest[static SHA256_SIZE]);

/* The same of what comes in parts; NULL without memory. */
struct sha256 *sha256_new(void);
void sha256_free(struct sha256 *sha256);
DEFINE_CLEANUP(struct sha256, sha256_free);

void sha256_add(struct sha256 *sha256, const void *data, size_t len);

/* The digest of all that was added; from here on SHA256 is as new. */
void sha256_end(struct sha256 *sha256, uint8_t digest[static SHA256_SIZE]);

#endif
