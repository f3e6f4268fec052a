/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether the kernel makes and removes the nodes in /dev itself.
 */
#ifndef VTPM_CUSE_DEVICE_DEVTMPFS_H
#define VTPM_CUSE_DEVICE_DEVTMPFS_H

#include <stdbool.h>
#include <stdint.h>

/* False where that cannot be told, too. */
bool devtmpfs_is_dev(void);

/* Whether LINE, of a mountinfo (proc(5)), is mount ID, and that is a devtmpfs. Pure. */
bool devtmpfs_is_line(const char *line, uint64_t id);

#endif
