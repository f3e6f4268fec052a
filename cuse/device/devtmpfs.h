/* SPDX-License-Identifier: BSD-3-Clause */
/* Tells whether the kernel itself makes and removes the nodes in /dev. */
#ifndef VTPM_CUSE_DEVICE_DEVTMPFS_H
#define VTPM_CUSE_DEVICE_DEVTMPFS_H

#include <stdbool.h>
#include <stdint.h>

/* False also when it cannot be found out. */
bool devtmpfs_is_dev(void);

/* Whether LINE of a mountinfo file (proc(5)) describes mount ID and a devtmpfs. Pure. */
bool devtmpfs_is_line(const char *line, uint64_t id);

#endif
