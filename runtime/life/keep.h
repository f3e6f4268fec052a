/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * States of classes that outlive a run of their container.
 */
#ifndef VTPM_RUNTIME_LIFE_KEEP_H
#define VTPM_RUNTIME_LIFE_KEEP_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct server_programs;
struct vtpm_entry;

/* The paths of states that were not kept before; borrowed from their entries. All 0: none. */
struct keeping {
	const char **paths;
	size_t count;
};

/*
 * Notes the states of ENTRIES that are kept, before they are made, and which TPM an entry must be.
 * One that was made for another container of this name, which is gone, is removed first. -EUSERS:
 * the class has as many as its maxStates. Takes the lock of the leases. The caller calls
 * keeping_end(), whatever is returned.
 */
int keep_states(const struct server_programs *programs, const char *container,
		struct vtpm_entry *entries, size_t count, struct keeping *ret, struct error *err);

/* Notes the TPMs' identities once they serve: any other TPM found there later is refused. */
void keep_identities(const struct server_programs *programs, const struct vtpm_entry *entries,
		     size_t count);

/* ENTRY must be the TPM that was noted for its state, where one was. */
void keep_expect(const struct server_programs *programs, struct vtpm_entry *entry);

/* Forgets the new ones that were not made in the end: they do not count for maxStates. */
void keeping_end(struct keeping *keeping, const struct server_programs *programs);

/* Removes a state and the note of it; -EBUSY when a container has it. */
int kept_state_remove(const struct server_programs *programs, const char *path, struct error *err);

/*
 * Removes the states of containers that are gone, and adds how many to *COUNT; see kept_judge().
 * One that cannot be removed is logged and does not stop the others, and *ERR is the last reason.
 */
int kept_states_prune(const struct server_programs *programs, int64_t now, size_t *count,
		      struct error *err);

#endif
