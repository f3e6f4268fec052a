/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ends the servers of a container, all at once.
 */
#ifndef VTPM_RUNTIME_SERVER_STOP_H
#define VTPM_RUNTIME_SERVER_STOP_H

struct error;
struct lease;

/* Ends all servers of LEASE and waits for them; removes what belongs to them alone in RUN_DIR. */
int servers_stop(const struct lease *lease, const char *run_dir, struct error *err);

#endif
