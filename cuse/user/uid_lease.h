/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A user's number for one server: no two that run have the same.
 */
#ifndef VTPM_CUSE_SERVER_UID_LEASE_H
#define VTPM_CUSE_SERVER_UID_LEASE_H

#include <sys/types.h>

struct error;
struct uid_range;

/*
 * *RET gets the next number of RANGE that nobody has, from where DIR_FD says; DIR_FD is for this
 * alone. Returns a descriptor: the number is ours until it is closed, however that comes. It is of
 * no use to who gets hold of it otherwise. -ENOSPC: all are taken.
 */
int uid_lease_take(int dir_fd, const struct uid_range *range, uid_t *ret, struct error *err);

#endif
