/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/inside/mask.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stddef.h>
#include <sys/statfs.h>

#include "runtime/host/open_in_root.h"
#include "util/cleanup.h"
#include "util/detached_mount.h"
#include "util/error.h"

/* The names of all vTPMs of the host are in there. */
static const char *const masked[] = { "sys/class/cuse", "sys/devices/virtual/cuse" };

/* A container without sysfs has nothing to hide; one whose runtime hides it itself is served, too.
 */
static int mask(int rootfs, const char *path, struct error *err)
{
	cleanup_close int target =
		open_in_root(rootfs, path, O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
	cleanup_close int cover = -1;
	struct statfs fs;
	int r;

	if (target < 0 || fstatfs(target, &fs) < 0 || fs.f_type != SYSFS_MAGIC)
		return 0;
	cover = detached_tmpfs(NULL, 0, true);
	if (cover < 0)
		return error_set(err, -cover, "make a cover for /%s", path);
	r = attach_mount(cover, target);
	return r < 0 ? error_set(err, -r, "cover /%s", path) : 0;
}

int mask_names(int rootfs, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(masked) / sizeof(masked[0]); i++)
		r = mask(rootfs, masked[i], err);
	return r;
}
