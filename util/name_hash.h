/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Short names for long ones.
 */
#ifndef VTPM_UTIL_NAME_HASH_H
#define VTPM_UTIL_NAME_HASH_H

#include <stddef.h>

#define NAME_HASH_MAX 64

/* The first DIGITS hex digits, at most NAME_HASH_MAX, of the SHA-256 of TEXT, and a NUL. */
void name_hash(const char *text, size_t digits, char *ret);

#endif
