/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The requests of one open that wait for its command. Pure state: the caller provides the lock and
 * sends the answers. A request is an opaque pointer.
 */
#ifndef VTPM_CUSE_DEVICE_PARKED_H
#define VTPM_CUSE_DEVICE_PARKED_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct parked_read {
	struct parked_read *next;
	void *request;
	size_t len;
	/* Filled in by the code that takes the read: its answer, N bytes or a negative errno. */
	uint8_t *data;
	ssize_t n;
};

struct parked {
	void *write; /* NULL: none */
	void *release;
	struct parked_read *reads, **reads_end;
};

void parked_init(struct parked *parked);

/* Frees the memory; does not answer requests that still wait. */
void parked_done(struct parked *parked);

int parked_add_read(struct parked *parked, size_t len, void *request);

enum parked_kind {
	PARKED_NOT, /* not parked: it has been answered, or will be */
	PARKED_COMMAND,
	PARKED_RELEASE,
};

/* Removes REQUEST; returns its kind. */
enum parked_kind parked_remove(struct parked *parked, const void *request);

/* Takes all reads, in their order; the caller frees each of them. */
struct parked_read *parked_take_reads(struct parked *parked);

#endif
