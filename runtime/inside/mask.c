/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/inside/mask.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/host/open_in_root.h"
#include "util/cleanup.h"
#include "util/error.h"

/* The names of all vTPMs of the host are in there. */
static const char *const masked[] = { "sys/class/cuse", "sys/devices/virtual/cuse" };

static int empty_tmpfs(void)
{
	cleanup_close int context = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
	long fd;

	if (context < 0)
		return -errno;
	(void)syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "size", "0", 0);
	if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC,
		     MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	return fd < 0 ? -errno : (int)fd;
}

/* A container without sysfs has nothing to hide; one whose runtime hides it itself is served, too.
 */
static int mask(int rootfs, const char *path, struct error *err)
{
	cleanup_close int target =
		open_in_root(rootfs, path, O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
	cleanup_close int cover = -1;
	struct statfs fs;

	if (target < 0 || fstatfs(target, &fs) < 0 || fs.f_type != SYSFS_MAGIC)
		return 0;
	cover = empty_tmpfs();
	if (cover < 0)
		return error_set(err, -cover, "make a cover for /%s", path);
	if (syscall(SYS_move_mount, cover, "", target, "",
		    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, errno, "cover /%s", path);
	return 0;
}

int mask_names(int rootfs, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(masked) / sizeof(masked[0]); i++)
		r = mask(rootfs, masked[i], err);
	return r;
}
