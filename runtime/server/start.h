/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Starts the servers of a container, all at once.
 */
#ifndef VTPM_RUNTIME_SERVER_START_H
#define VTPM_RUNTIME_SERVER_START_H

#include <stddef.h>

#include "runtime/server/launch.h"

void launch_init(struct launch *launch, const struct vtpm_entry *entry, struct lease_vtpm *vtpm,
		 const struct server_owner *owner, const struct server_programs *programs);
void launch_done(struct launch *launch);

/*
 * Of a server that was started before: what was measured then cannot be again, and the TPM has to
 * say so, whatever its entry says by now.
 */
void launch_measure_again(struct launch *launch);

/*
 * Makes the state's directory where the lease says so, and notes there which one it is, or that
 * somebody else has made it meanwhile. Nothing else may be done before that has been written.
 */
void launch_make_state(struct launch *launch);

/*
 * Locks the states, starts all servers, each as the owner of a new TPM where one was asked for, and
 * waits until each serves or has said why it does not. Those that serve are limited as the
 * container is, where that can be. The lease then has their processes. What is not of our making
 * needs no server. A failure is kept in its launch.
 */
void servers_start(struct launch *launches, size_t count);

#endif
