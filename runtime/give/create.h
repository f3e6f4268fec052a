/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vTPMs come with a container: its configuration is read, what it asks for reserved, the servers
 * started, the nodes handed in, and the lease committed. Every step is noted in the lease before it
 * is taken, so that whoever comes later can undo it.
 */
#ifndef VTPM_RUNTIME_GIVE_CREATE_H
#define VTPM_RUNTIME_GIVE_CREATE_H

struct error;
struct hook;
struct oci_state;

/* Gives the container all that its configuration asks for, or, on failure, leaves nothing of it. */
int container_create(const struct hook *hook, const struct oci_state *state, struct error *err);

#endif
