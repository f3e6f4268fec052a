/* SPDX-License-Identifier: BSD-3-Clause */
/* Goes to the background in two steps: the parent stays until the child is usable or has failed. */
#ifndef VTPM_CUSE_SERVER_DAEMON_H
#define VTPM_CUSE_SERVER_DAEMON_H

struct error;

/*
 * Forks; call it before there is any lock or thread. Returns in the child only, with the descriptor
 * for daemon_ready(). The parent exits with 0 once the child is ready, else with the child's
 * status. The child writes its own error line, to the caller's standard error.
 */
int daemon_start(int *ready_fd, struct error *err);

/* Leaves the caller's directory, and opens *NULL_FD for daemon_leave() while that is possible. */
int daemon_prepare(int *null_fd, struct error *err);

/* Leaves the caller's terminal: replaces the standard descriptors, which keep its files open. */
void daemon_leave(int null_fd);

/* Tells the process at the other end that the server is usable, and closes READY_FD. */
void daemon_ready(int ready_fd);

#endif
