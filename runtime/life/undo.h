/* SPDX-License-Identifier: BSD-3-Clause */
/* Undoes what a lease tells of. */
#ifndef VTPM_RUNTIME_LIFE_UNDO_H
#define VTPM_RUNTIME_LIFE_UNDO_H

struct error;
struct lease;
struct server_programs;

/*
 * Ends the servers, and removes rules, nodes and states. The lease itself stays where it is. May be
 * done again after it was done in part. 1: all is done but for a state, which stays, as was logged,
 * for a reason that is in *ERR; the lease need not stay for it.
 */
int vtpms_undo(const struct server_programs *programs, const struct lease *lease,
	       struct error *err);

#endif
