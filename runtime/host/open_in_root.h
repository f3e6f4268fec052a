/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens paths in a container's file system, which its image or its users have made. */
#ifndef VTPM_RUNTIME_HOST_OPEN_IN_ROOT_H
#define VTPM_RUNTIME_HOST_OPEN_IN_ROOT_H

#include <linux/openat2.h>
#include <stdint.h>

/*
 * Opens PATH beneath DIR, which stands for the root: nothing leads anywhere else. FLAGS are those
 * of open(), RESOLVE more of openat2()'s. A descriptor or a negative errno.
 */
int open_in_root(int dir, const char *path, uint64_t flags, uint64_t resolve);

#endif
