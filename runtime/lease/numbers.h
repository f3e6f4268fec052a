/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Device numbers for a container that is being created.
 */
#ifndef VTPM_RUNTIME_LEASE_NUMBERS_H
#define VTPM_RUNTIME_LEASE_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct lease;
struct lease_book;
struct lease_index;
struct lease_vtpm;
struct vtpm_entry;

/* All entries of the container, so that none gets a number that a later one asks for. */
struct number_wishes {
	const struct vtpm_entry *entries;
	size_t count;
	int64_t major; /* the administrator's for those that ask for none; 0: the first free one */
	const struct lease *given; /* what the container has been given before; may be NULL */
};

/*
 * Gives VTPM, which is to join LEASE and knows its paths, the numbers of ENTRY, or others that
 * nobody has: those of the device that ENTRY hands in, else those that the container was given,
 * else the next ones.
 */
int numbers_take(struct lease_book *book, const struct number_wishes *wishes,
		 const struct lease *lease, const struct vtpm_entry *entry, struct lease_vtpm *vtpm,
		 struct error *err);

/*
 * The major number for those that were given none: the first of the range for local use that is
 * ours or nobody's, by the text of /proc/devices. -ENOSPC when there is none. Pure.
 */
int numbers_free_major(const struct lease_index *index, const char *devices, uint32_t *ret);

#endif
