/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/devtmpfs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/statx.h"

/* The oldest supported C library does not define it. */
#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000U
#endif

bool devtmpfs_is_line(const char *line, uint64_t id)
{
	char *end;
	const char *type;

	if (strtoull(line, &end, 10) != id || end == line || *end != ' ')
		return false;
	type = strstr(end, " - ");
	return type != NULL && strncmp(type, " - devtmpfs ", 12) == 0;
}

/* Stops at the first match: the mount of /dev is an early one, and containers may add thousands. */
static bool find(FILE *mounts, uint64_t id)
{
	cleanup_free char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, mounts) > 0) {
		if (strtoull(line, NULL, 10) == id)
			return devtmpfs_is_line(line, id);
	}
	return false;
}

bool devtmpfs_is_dev(void)
{
	cleanup_with(fclosep) FILE *mounts = fopen("/proc/self/mountinfo", "re");
	struct statx st;

	return mounts != NULL && statx(AT_FDCWD, "/dev", 0, STATX_MNT_ID, &st) == 0 &&
	       (st.stx_mask & STATX_MNT_ID) != 0 && find(mounts, st.stx_mnt_id);
}
