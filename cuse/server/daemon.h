/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Going to the background in two steps: the parent stays until the child is usable, or has failed.
 */
#ifndef VTPM_CUSE_SERVER_DAEMON_H
#define VTPM_CUSE_SERVER_DAEMON_H

struct error;

/*
 * Forks, before there is any lock or thread. Returns in the child only, with the descriptor that
 * daemon_ready() wants; the parent exits with 0 once the child is ready, else with the child's
 * status. The child writes its error's line itself, standard error is still the caller's.
 */
int daemon_start(int *ready_fd, struct error *err);

/* Leaves the caller's directory, and gets what daemon_leave() will need while it can be opened. */
int daemon_prepare(int *null_fd, struct error *err);

/* Leaves the caller's terminal: nothing of ours keeps its files open. */
void daemon_leave(int null_fd);

/* Tells whoever has the other end that we are usable, and closes ours. */
void daemon_ready(int ready_fd);

#endif
