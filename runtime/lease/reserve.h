/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writes the lease of a container that is being created, which reserves its names, numbers and
 * states.
 */
#ifndef VTPM_RUNTIME_LEASE_RESERVE_H
#define VTPM_RUNTIME_LEASE_RESERVE_H

#include <stdbool.h>
#include <stddef.h>

struct admin_config;
struct container;
struct error;
struct lease;
struct oci_state;
struct runtime_root;
struct vtpm_entry;

/* Who asks. */
struct reserve_request {
	const char *run_dir;
	const struct admin_config *admin;
	const struct runtime_root *root;
	const struct oci_state *state;
	const struct container *container;
	const char *nonce; /* of what vtpm-runtime has entered; NULL: nothing */
	bool swept;        /* containers that are dead were ended, as far as they can be */
	bool more;         /* the container has vTPMs already: these get a lease of their own */
	bool attached;     /* see struct lease */
};

/*
 * Checks what cannot be told from the configuration alone, and writes the lease, which the caller
 * frees. LENIENT: an entry that fails is left out of *RET and of ENTRIES, whose new number is
 * *COUNT.
 */
int reserve(const struct reserve_request *request, struct vtpm_entry *entries, size_t *count,
	    bool lenient, struct lease **ret, struct error *err);

#endif
