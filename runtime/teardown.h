/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vTPMs go with their container, whoever notices that it is gone.
 */
#ifndef VTPM_RUNTIME_TEARDOWN_H
#define VTPM_RUNTIME_TEARDOWN_H

#include <stddef.h>

struct error;
struct hook;
struct lease;
struct oci_state;

/* Ends and removes all that the container had; having had nothing is fine. */
int container_remove(const struct hook *hook, const struct oci_state *state, struct error *err);

/*
 * Before a container is created: removes what an earlier one of its name left. 1 when the
 * container, which lives, has its vTPMs already; -EBUSY when another one of its name lives.
 */
int container_make_way(const struct hook *hook, const struct oci_state *state, struct error *err);

/*
 * Ends and removes what belongs to containers that are no more. *COUNT gets how many there were;
 * one that cannot be removed does not stop the others, and *ERR is the last reason.
 */
int containers_prune(const char *run_dir, size_t *count, struct error *err);

/* The same for those with vTPMs of classes whose first process is dead. */
int containers_end_dead(const char *run_dir, size_t *count, struct error *err);

/* Undoes all that LEASE, which the caller works on, tells of, and removes it. */
int container_undo(const char *run_dir, const struct lease *lease, struct error *err);

#endif
