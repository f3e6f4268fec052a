/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/cleanup.h"

/* By the system call: the C library has a function for it only since glibc 2.34. */
static int all_at_once(int first, unsigned int flags)
{
	return (int)syscall(SYS_close_range, (unsigned int)first, ~0U, flags);
}

static void close_one(int fd)
{
	(void)close(fd);
}

static void close_one_on_exec(int fd)
{
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* Linux before 5.9, and before 5.11 with flags. */
static void one_by_one(int first, void (*with)(int fd))
{
	cleanup_with(closedirp) DIR *stream = opendir("/proc/self/fd");

	for (struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;) {
		int fd = atoi(entry->d_name);

		if (fd >= first && fd != dirfd(stream))
			with(fd);
	}
}

void close_from(int first)
{
	if (all_at_once(first, 0) < 0)
		one_by_one(first, close_one);
}

void close_on_exec_from(int first)
{
	if (all_at_once(first, CLOSE_RANGE_CLOEXEC) < 0)
		one_by_one(first, close_one_on_exec);
}
