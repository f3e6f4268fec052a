/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Gives a container its vTPMs: reads its configuration, reserves what it asks for, starts the
 * servers, hands in the nodes, and commits the lease. The lease notes every step before it is
 * taken, so that any later call can undo it.
 */
#ifndef VTPM_RUNTIME_GIVE_CREATE_H
#define VTPM_RUNTIME_GIVE_CREATE_H

struct error;
struct hook;
struct oci_state;

/* Gives the container all that its configuration asks for, or, on failure, leaves nothing of it. */
int container_create(const struct hook *hook, const struct oci_state *state, struct error *err);

#endif
