/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/mask.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

#define DEVICES_MOST (1 << 20)
#define COPY "devices"

struct cover {
	const char *path;
	long file_system; /* what is something else is hidden already, or the image's own */
	bool directory;
	/* What is to be seen of TARGET, in the empty DIR of a new file system; NULL: nothing. */
	int (*fill)(int target, int dir);
};

static int open_beneath(int rootfs, const char *path, uint64_t flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS };
	long fd = syscall(SYS_openat2, rootfs, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

static bool is_vtpm_line(const char *line)
{
	line += strspn(line, " 0123456789");
	return strncmp(line, "tpm-", 4) == 0 || strncmp(line, "tpmrm-", 6) == 0;
}

void mask_devices_text(char *text)
{
	char *to = text;

	for (const char *line = text; *line != '\0';) {
		size_t len = strcspn(line, "\n");

		len += line[len] == '\n';
		if (!is_vtpm_line(line)) {
			memmove(to, line, len);
			to += len;
		}
		line += len;
	}
	*to = '\0';
}

static int copy_devices(int target, int dir)
{
	cleanup_free char *text = NULL;
	cleanup_close int fd = -1;
	int r;

	(void)target;
	r = read_file(AT_FDCWD, "/proc/devices", DEVICES_MOST, &text, NULL);
	if (r < 0)
		return r;
	mask_devices_text(text);
	fd = openat(dir, COPY, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd < 0)
		return -errno;
	r = write_all(fd, text, strlen(text));
	return r == 0 && fchmod(fd, 0444) < 0 ? -errno : r;
}

static int copy_links(int target, int dir)
{
	cleanup_with(closedirp) DIR *stream = NULL;
	cleanup_close int fd = openat(target, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	stream = fd >= 0 ? fdopendir(fd) : NULL;
	if (stream == NULL)
		return -errno;
	fd = -1;
	for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
		char link[PATH_MAX];
		ssize_t n = readlinkat(target, entry->d_name, link, sizeof(link) - 1);

		if (n < 0) /* also one that has just gone */
			continue;
		link[n] = '\0';
		if (strstr(link, "/virtual/cuse/") == NULL &&
		    symlinkat(link, dir, entry->d_name) < 0)
			return -errno;
	}
	return 0;
}

/*
 * Devices are looked up by number in sys/dev/char (by libudev and libdrm, for instance), and in
 * proc/devices by name: whatever else is in there has to stay.
 */
static const struct cover covers[] = {
	{ "sys/class/cuse", SYSFS_MAGIC, true, NULL },
	{ "sys/devices/virtual/cuse", SYSFS_MAGIC, true, NULL },
	{ "sys/dev/char", SYSFS_MAGIC, true, copy_links },
	{ "proc/devices", PROC_SUPER_MAGIC, false, copy_devices },
};

static int configure(int context, unsigned int command, const char *key, const char *value)
{
	return syscall(SYS_fsconfig, context, command, key, value, 0) < 0 ? -errno : 0;
}

/* A read-only tmpfs that is mounted nowhere. */
static int make_tmpfs(const struct cover *cover, int target)
{
	cleanup_close int context = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
	cleanup_close int dir = -1;
	int r;

	if (context < 0)
		return -errno;
	r = configure(context, FSCONFIG_SET_STRING, "mode", "755");
	if (r == 0)
		r = configure(context, FSCONFIG_CMD_CREATE, NULL, NULL);
	if (r < 0)
		return r;
	dir = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC,
			   MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (dir < 0)
		return -errno;
	r = cover->fill != NULL ? cover->fill(target, dir) : 0;
	if (r == 0)
		r = configure(context, FSCONFIG_SET_FLAG, "ro", NULL);
	if (r == 0)
		r = configure(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL);
	return r < 0 ? r : take_fd(dir);
}

/* Only what is mounted can be cloned: the file system is, for a moment, on the container's /proc.
 */
static int clone_file(int rootfs, int dir)
{
	cleanup_close int place = open_beneath(rootfs, "proc", O_PATH | O_DIRECTORY);
	cleanup_close int file = -1;
	char path[32];

	if (place < 0)
		return place;
	if (syscall(SYS_move_mount, dir, "", place, "",
		    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return -errno;
	file = (int)syscall(SYS_open_tree, dir, COPY, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (file < 0)
		file = -errno;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
	if (umount2(path, MNT_DETACH) < 0)
		return -errno;
	return take_fd(file);
}

static int make_cover(int rootfs, const struct cover *cover, int target)
{
	cleanup_close int dir = make_tmpfs(cover, target);

	return dir < 0 || cover->directory ? take_fd(dir) : clone_file(rootfs, dir);
}

static int put(int rootfs, const struct cover *cover, struct error *err)
{
	cleanup_close int target =
		open_beneath(rootfs, cover->path, O_PATH | (cover->directory ? O_DIRECTORY : 0));
	cleanup_close int fd = -1;
	struct statfs fs;

	if (target < 0 || fstatfs(target, &fs) < 0 || fs.f_type != cover->file_system)
		return 0;
	fd = make_cover(rootfs, cover, target);
	if (fd < 0)
		return error_set(err, -fd, "make a cover for /%s", cover->path);
	if (syscall(SYS_move_mount, fd, "", target, "",
		    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, errno, "cover /%s", cover->path);
	return 0;
}

int mask_names(int rootfs, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(covers) / sizeof(covers[0]); i++)
		r = put(rootfs, &covers[i], err);
	return r;
}
