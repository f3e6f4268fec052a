/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Servers take no more of the machine than the containers that they work for: see limits.h.
 */
#ifndef VTPM_RUNTIME_SERVER_LIMIT_H
#define VTPM_RUNTIME_SERVER_LIMIT_H

struct lease;
struct lease_vtpm;

/* As the container of LEASE is limited now. What cannot be had is logged. */
void server_limit(const struct lease *lease, const struct lease_vtpm *vtpm);

/* The same for the servers of all containers in the control group GROUP (NULL: in any), or beneath
 * it, that RUN_DIR's leases have. */
void servers_limit(const char *run_dir, const char *group);

#endif
