/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads files to measure them, reports the progress, and ends when it takes too long. */
#ifndef VTPM_RUNTIME_HOST_MEASURING_H
#define VTPM_RUNTIME_HOST_MEASURING_H

#include <stdbool.h>
#include <stdint.h>

#include "util/sha256.h"

struct error;
struct stat;

struct measuring {
	int64_t deadline;      /* by monotonic_ms() */
	uint64_t files, bytes; /* so far */
	/* Told about once a second, with CONTEXT; may be NULL. */
	void (*tell)(const struct measuring *measuring, void *context);
	void *context;
	int64_t told;
};

/* From now on, for SECONDS. */
void measuring_begin(struct measuring *measuring, int64_t seconds);

/* Called again and again while reading; -ETIME when it has taken too long. */
int measuring_go_on(struct measuring *measuring, struct error *err);

/* Whether FD's file is as BEFORE has it, as far as its size and its times say. */
bool measured_is_unchanged(int fd, const struct stat *before);

/*
 * Reads FD's regular file, from its beginning. -EBUSY when it was changed meanwhile; BUFFER has
 * MEASURING_BUFFER bytes.
 */
#define MEASURING_BUFFER (128 << 10)
int measuring_read(struct measuring *measuring, int fd, void *buffer,
		   uint8_t digest[static SHA256_SIZE], struct error *err);

#endif
