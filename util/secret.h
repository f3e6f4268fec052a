/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory for passwords and keys: never swapped, not in a core dump, not in a forked child, wiped
 * when it is given back.
 */
#ifndef VTPM_UTIL_SECRET_H
#define VTPM_UTIL_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "util/cleanup.h"

struct error;

struct secret {
	size_t size; /* of the whole mapping */
	size_t len;  /* may be made less */
	uint8_t bytes[];
};

/* Zeroed memory for LEN bytes. Where the limit of locked memory is used up: unlocked, still wiped.
 */
int secret_new(size_t len, struct secret **ret);
int secret_copy(const void *bytes, size_t len, struct secret **ret);
void secret_free(struct secret *secret);
DEFINE_CLEANUP(struct secret, secret_free);

/* SIZE bytes of hex digits, which may have 0x in front and white space behind; else -EINVAL. */
int secret_from_hex(const void *bytes, size_t len, size_t size, struct secret **ret);

/* Reads all that FD gives, 1 to MOST bytes; NAME is for the message. */
int secret_read(int fd, size_t most, const char *name, struct secret **ret, struct error *err);

#endif
