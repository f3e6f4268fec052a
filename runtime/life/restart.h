/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Restarts servers that died under a running container, by kill -9 or for want of memory. The
 * container's TPM fails from then on. Nothing restarts it unasked: a TPM that starts anew has lost
 * its measurements, and anybody able to end a server could begin with new ones.
 */
#ifndef VTPM_RUNTIME_LIFE_RESTART_H
#define VTPM_RUNTIME_LIFE_RESTART_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct hook;
struct lease;
struct lease_vtpm;

/* Whether the container of LEASE runs without the server of VTPM, which it should have. */
bool server_is_dead(const struct lease *lease, const struct lease_vtpm *vtpm);

/* Logs each of them that the leases of RUN_DIR have. */
void servers_log_dead(const char *run_dir);

/*
 * Starts the dead servers of container ID again: with the same numbers, so that its nodes lead to
 * them, from the same state, which must be there; as after a power cut. *COUNT gets how many there
 * were. -ENOENT: no such container has vTPMs; -EAGAIN: somebody else works on it; -EINVAL: several
 * runtimes have one of that name. What cannot be started is as dead as before.
 */
int container_restart(const struct hook *hook, const char *id, size_t *count, struct error *err);

#endif
