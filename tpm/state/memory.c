/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <linux/mount.h>
#include <sys/syscall.h>

#include "tpm/state/dir.h"
#include "tpm/state/file.h"
#include "tpm/state/file_bytes.h"
#include "util/cleanup.h"
#include "util/error.h"

/* Some state files with the largest slots; what is not written takes no memory. */
#define SIZE "8m"

bool state_memory_is_meant(const char *path)
{
	return strcmp(path, STATE_DIR_MEMORY) == 0;
}

/* glibc has wrappers since 2.36 only. */
static int configure(int fd, unsigned int command, const char *key, const char *value)
{
	return syscall(SYS_fsconfig, fd, command, key, value, 0) < 0 ? -errno : 0;
}

static int make(uid_t uid, gid_t gid, int *ret)
{
	cleanup_close int context = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
	cleanup_close int mount = -1, root = -1;
	int r;

	if (context < 0)
		return -errno;
	r = configure(context, FSCONFIG_SET_STRING, "mode", "0700");
	if (r == 0)
		r = configure(context, FSCONFIG_SET_STRING, "size", SIZE);
	if (r == 0)
		r = configure(context, FSCONFIG_CMD_CREATE, NULL, NULL);
	if (r < 0)
		return r;
	mount = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC,
			     MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (mount < 0)
		return -errno;
	/* That one is for paths only. */
	root = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || (uid != (uid_t)-1 && fchown(root, uid, gid) < 0))
		return -errno;
	*ret = take_fd(root);
	return 0;
}

int state_memory_make(uid_t uid, gid_t gid, int *ret, struct error *err)
{
	int r = make(uid, gid, ret);

	if (r == -EPERM)
		return error_say(err, EPERM, "a state in memory needs root (CAP_SYS_ADMIN)");
	if (r == -ENOSYS)
		return error_say(err, ENOSYS, "a state in memory needs Linux 5.2");
	return r < 0 ? error_set(err, -r, "make a state in memory") : 0;
}

int state_memory_fill(int root, uid_t uid, gid_t gid, const uint8_t *bytes, size_t len,
		      size_t *used, struct error *err)
{
	const struct state_dir dir = {
		.fd = root, .path = (char[]){ STATE_DIR_MEMORY }, .uid = uid, .gid = gid
	};
	struct state_header header;
	int r;

	*used = 0;
	r = file_bytes_parse(bytes, len, &header, used, err);
	if (r < 0)
		return r;
	if (header.blob != BLOB_PERMANENT) {
		*used = 0;
		return 0;
	}
	return state_dir_write(&dir, state_file_name(BLOB_PERMANENT), bytes, *used, err);
}
