/* SPDX-License-Identifier: BSD-3-Clause */
/* A user ID for one server: no two running servers share one. */
#ifndef VTPM_CUSE_SERVER_UID_LEASE_H
#define VTPM_CUSE_SERVER_UID_LEASE_H

#include <sys/types.h>

struct error;
struct uid_range;

/*
 * Takes the next free user ID of RANGE, by the counter in DIR_FD, a directory for leases only.
 * Returns a descriptor: the lease lasts until that is closed, by whatever event. The descriptor
 * grants nothing else to a process that obtains it. -ENOSPC: all IDs are taken.
 */
int uid_lease_take(int dir_fd, const struct uid_range *range, uid_t *ret, struct error *err);

#endif
