/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SHA-256, for programs that do without libcrypto where they can.
 */
#ifndef VTPM_UTIL_SHA256_H
#define VTPM_UTIL_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32

void sha256_of(const void *data, size_t len, uint8_t digest[static SHA256_SIZE]);

#endif
