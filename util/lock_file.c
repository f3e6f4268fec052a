/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "util/cleanup.h"
#include "util/file.h"

#define LOCKS_MAX (1 << 20)

static int lock(int fd, int command, short type)
{
	struct flock whole = { .l_type = type, .l_whence = SEEK_SET };

	while (fcntl(fd, command, &whole) < 0) {
		if (errno == EAGAIN || errno == EACCES)
			return -EBUSY;
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

static int open_and_lock(int dir_fd, const char *name, int command)
{
	cleanup_close int fd = open_regular(dir_fd, name, O_RDWR | O_CREAT);
	int r;

	if (fd < 0)
		return fd;
	r = lock(fd, command, F_WRLCK);
	return r < 0 ? r : take_fd(fd);
}

bool lock_file_is_current(int dir_fd, const char *name, int fd)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && fstatat(dir_fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

int lock_file_try(int dir_fd, const char *name)
{
	cleanup_close int fd = open_and_lock(dir_fd, name, F_OFD_SETLK);

	if (fd >= 0 && !lock_file_is_current(dir_fd, name, fd))
		return -EBUSY;
	return take_fd(fd);
}

int lock_file_wait(int dir_fd, const char *name)
{
	for (;;) {
		cleanup_close int fd = open_and_lock(dir_fd, name, F_OFD_SETLKW);

		if (fd < 0 || lock_file_is_current(dir_fd, name, fd))
			return take_fd(fd);
	}
}

int lock_file_share(int dir_fd, const char *name)
{
	cleanup_close int fd = open_regular(dir_fd, name, O_RDONLY);
	int r;

	if (fd < 0)
		return fd;
	r = lock(fd, F_OFD_SETLK, F_RDLCK);
	return r < 0 ? r : take_fd(fd);
}

/* Of a line of /proc/locks: "1: FLOCK  ADVISORY  WRITE 123 08:01:4711 0 EOF". */
static pid_t holder_in_line(const char *line, const struct stat *st)
{
	unsigned int major, minor;
	unsigned long long ino;
	char kind[16];
	int pid;

	if (sscanf(line, "%*d: %15s %*s %*s %d %x:%x:%llu", kind, &pid, &major, &minor, &ino) !=
		    5 ||
	    pid <= 0 || ino != st->st_ino || makedev(major, minor) != st->st_dev)
		return 0;
	return pid;
}

pid_t lock_file_holder(int fd)
{
	cleanup_free char *text = NULL;
	pid_t pid = 0;
	struct stat st;
	char *rest;

	if (fstat(fd, &st) < 0 || read_path("/proc/locks", LOCKS_MAX, &text, NULL) < 0)
		return 0;
	rest = text;
	for (char *line; pid == 0 && (line = strsep(&rest, "\n")) != NULL;)
		pid = holder_in_line(line, &st);
	return pid;
}
