/* SPDX-License-Identifier: BSD-3-Clause */
/* statx(2), for C libraries that do not declare it: musl before 1.2.5. */
#ifndef VTPM_UTIL_STATX_H
#define VTPM_UTIL_STATX_H

#include <fcntl.h>
#include <sys/stat.h>

#ifndef HAVE_STATX
#include <linux/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int statx(int dir, const char *path, int flags, unsigned int mask, struct statx *ret)
{
	return (int)syscall(SYS_statx, dir, path, flags, mask, ret);
}
#endif

#endif
