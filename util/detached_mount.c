/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/detached_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
/* Not sys/mount.h, which has these only since glibc 2.36 and before it cannot stand beside this. */
#include <linux/mount.h>
#include <sys/syscall.h>

#include "util/cleanup.h"

static int done(long r)
{
	return r < 0 ? -errno : (int)r;
}

static int configure(int context, unsigned int command, const char *key, const char *value)
{
	return done(syscall(SYS_fsconfig, context, command, key, value, 0));
}

int detached_tmpfs(const struct mount_option *options, size_t count, bool read_only)
{
	cleanup_close int context = done(syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC));
	int r = context < 0 ? context : 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		r = configure(context, FSCONFIG_SET_STRING, options[i].key, options[i].value);
	if (r == 0)
		r = configure(context, FSCONFIG_CMD_CREATE, NULL, NULL);
	if (r < 0)
		return r;
	return done(syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC,
			    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
				    (read_only ? MOUNT_ATTR_RDONLY : 0)));
}

int detached_clone(int dir, const char *name)
{
	return done(syscall(SYS_open_tree, dir, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
}

int attach_mount(int mount, int target)
{
	return done(syscall(SYS_move_mount, mount, "", target, "",
			    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
}
