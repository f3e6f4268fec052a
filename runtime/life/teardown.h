/* SPDX-License-Identifier: BSD-3-Clause */
/* Removes a container's vTPMs when the container is gone, whoever notices that. */
#ifndef VTPM_RUNTIME_LIFE_TEARDOWN_H
#define VTPM_RUNTIME_LIFE_TEARDOWN_H

#include <stddef.h>

struct error;
struct hook;
struct lease;
struct oci_state;
struct server_programs;

/* Ends and removes all that the container had; having had nothing is fine. */
int container_remove(const struct hook *hook, const struct oci_state *state, struct error *err);

/*
 * Before a container is created: removes what an earlier one of its name left. 1 when the
 * container, which lives, has its vTPMs already; -EBUSY when another one of its name lives.
 */
int container_make_way(const struct hook *hook, const struct oci_state *state, struct error *err);

/*
 * Ends and removes what belongs to containers that are no more, and adds how many there were to
 * *COUNT; one that cannot be removed is logged and does not stop the others, and *ERR is the last
 * reason.
 */
int containers_prune(const struct server_programs *programs, size_t *count, struct error *err);

/*
 * The same for the states that were made for containers before this host was started, and that no
 * lease has. A directory that is not there may be on something that is not mounted: it is looked
 * for again the next time.
 */
int states_prune(const struct server_programs *programs, size_t *count, struct error *err);

/* The same for those with vTPMs of classes whose first process is dead. */
int containers_end_dead(const struct server_programs *programs, size_t *count, struct error *err);

/* Undoes all that LEASE, on which the caller works, tells of, and removes the lease. */
int container_undo(const struct server_programs *programs, const struct lease *lease,
		   struct error *err);

#endif
