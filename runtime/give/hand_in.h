/* SPDX-License-Identifier: BSD-3-Clause */
/* Hands the nodes of a container's vTPMs into it. */
#ifndef VTPM_RUNTIME_GIVE_HAND_IN_H
#define VTPM_RUNTIME_GIVE_HAND_IN_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct lease;
struct vtpm_entry;

struct hand_in_request {
	const char *run_dir; /* where a tmpfs can be mounted, in a namespace of our own */
	bool user_namespace;
	const struct vtpm_entry *entries;
};

/*
 * Makes all nodes of LEASE and notes there what was made for them. If a name is taken, makes none
 * and sets *TAKEN to the index of its vTPM; otherwise *TAKEN is the lease's count.
 */
int hand_in(const struct hand_in_request *request, struct lease *lease, size_t *taken,
	    struct error *err);

#endif
