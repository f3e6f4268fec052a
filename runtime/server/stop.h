/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ends the servers of a container, all at once.
 */
#ifndef VTPM_RUNTIME_SERVER_STOP_H
#define VTPM_RUNTIME_SERVER_STOP_H

struct error;
struct lease;
struct lease_vtpm;

/* Ends all servers of LEASE and waits for them; removes what belongs to them alone in RUN_DIR. */
int servers_stop(const struct lease *lease, const char *run_dir, struct error *err);

/* Ends what may be left of one that is dead, and makes room for the next. The log stays. */
int server_clear(const struct lease_vtpm *vtpm, const char *run_dir, struct error *err);

#endif
