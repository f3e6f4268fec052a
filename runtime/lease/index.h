/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the leases of all containers hold: names, numbers and states, so that their owner is found
 * without reading every lease. Pure; book.c keeps it in a file.
 *
 * The index is a list of words that end with NUL. Each lease has
 *
 * lNAME          once: its name, HASH-ID or HASH-ID@PART; then, for each vTPM,
 * v              once
 * nNAME          for each device, with its name
 * dMAJOR:MINOR   for each device, with its number
 * sPATH          if it has a state directory, with its path
 * mMAJOR         if we made it, with its major number
 * cCLASS/OWNER   if it is of a class
 */
#ifndef VTPM_RUNTIME_LEASE_INDEX_H
#define VTPM_RUNTIME_LEASE_INDEX_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/cleanup.h"

struct lease;
struct lease_index;

#define LEASE_NAME_LEN NAME_MAX

/*
 * Writes the name of a container's lease; PART is "" for its first one, a number for another.
 * -ENAMETOOLONG.
 */
int lease_name(const char *hash, const char *id, const char *part,
	       char ret[static LEASE_NAME_LEN + 1]);

/* Whether NAME is that of a lease of the container, whatever the part; HASH may be NULL. */
bool lease_name_is_of(const char *name, const char *hash, const char *id);

/* An empty one. */
int lease_index_new(struct lease_index **ret);
void lease_index_free(struct lease_index *index);
DEFINE_CLEANUP(struct lease_index, lease_index_free);

/* Reads the words, of which a copy is made; -EINVAL when they are no index. */
int lease_index_parse(const char *words, size_t len, struct lease_index **ret);
const char *lease_index_words(const struct lease_index *index, size_t *len);

/* Puts what LEASE holds in the place of what it held; a failure changes nothing. */
int lease_index_put(struct lease_index *index, const struct lease *lease);

/* A lease that is not there is what was wanted. */
void lease_index_remove(struct lease_index *index, const char *name);

/*
 * The name after PREVIOUS (NULL: the first); NULL when there is none. A put or a removal makes it
 * invalid.
 */
const char *lease_index_next(const struct lease_index *index, const char *previous);
bool lease_index_has(const struct lease_index *index, const char *name);

/* The id of the container that has it, or NULL. */
const char *lease_index_number_owner(const struct lease_index *index, uint32_t major,
				     uint32_t minor);
const char *lease_index_state_owner(const struct lease_index *index, const char *state_path);
const char *lease_index_name_owner(const struct lease_index *index, const char *name);

/* Whether vTPMs that we made have numbers of MAJOR. */
bool lease_index_has_major(const struct lease_index *index, uint32_t major);

/* How many vTPMs there are. */
size_t lease_index_count(const struct lease_index *index);

/* How many of a class, of that OWNER (NULL: of all), the lease of that name has (NULL: all have).
 */
size_t lease_index_class_count(const struct lease_index *index, const char *name, const char *class,
			       const char *owner);

#endif
