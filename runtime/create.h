/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The work of the hook: vTPMs come with a container and go with it. Every step is noted in a lease
 * before it is taken, so that any of these functions can undo what another one left behind.
 */
#ifndef VTPM_RUNTIME_CREATE_H
#define VTPM_RUNTIME_CREATE_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/config/admin.h"
#include "runtime/host/runtime_root.h"
#include "runtime/server/start.h"

struct error;
struct lease;
struct lease_dir;
struct oci_state;

struct hook {
	struct server_programs programs;
	const char *config;        /* the file of ... */
	struct admin_config admin; /* ... which only hook_create() reads, and where it has to */
	struct runtime_root root;
	char hash[ROOT_HASH_LEN + 1];
};

/* Gives the container all that its configuration asks for, or, on failure, leaves nothing of it. */
int hook_create(const struct hook *hook, const struct oci_state *state, struct error *err);

/* Ends and removes all that the container had; having had nothing is fine. */
int hook_poststop(const struct hook *hook, const struct oci_state *state, struct error *err);

/*
 * Before a container is created: removes what an earlier one of its name left. 1 when the
 * container, which lives, has its vTPMs already; -EBUSY when another one of its name lives.
 */
int hook_make_way(const struct hook *hook, const struct oci_state *state, struct error *err);

/*
 * The same for every container that is no more. *COUNT gets how many were removed; one that cannot
 * be does not stop the others, and *ERR is the last reason.
 */
int hook_prune(const struct hook *hook, size_t *count, struct error *err);

/* Opens the leases, to write one; and loads them all. */
int hook_open_leases(const struct hook *hook, struct lease_dir **ret, struct error *err);
int hook_load_leases(const struct hook *hook, struct lease_dir **ret, struct error *err);

/* Undoes all that LEASE tells of. */
int hook_remove_vtpms(const struct hook *hook, const struct lease *lease, struct error *err);

/* Undoes all that LEASE, which the caller works on, tells of, and removes it. */
int hook_teardown(const struct hook *hook, const struct lease *lease, struct error *err);

#endif
