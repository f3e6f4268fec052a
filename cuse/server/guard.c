/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "util/error.h"
#include "util/file.h"

#define LEFTOVERS_MAX 4

struct leftovers {
	struct {
		char path[PATH_MAX];
		dev_t dev;
		ino_t ino;
	} files[LEFTOVERS_MAX];
	int count;
	int guard_fd; /* the guard waits for its other end to close; -1: there is no guard */
};

int leftovers_new(struct leftovers **ret, struct error *err)
{
	struct leftovers *leftovers = calloc(1, sizeof(*leftovers));

	if (leftovers == NULL)
		return error_set(err, ENOMEM, "start");
	leftovers->guard_fd = -1;
	*ret = leftovers;
	return 0;
}

int leftovers_add(struct leftovers *leftovers, const char *path, struct error *err)
{
	struct stat st;
	int n = leftovers->count;

	/* Absolute: a daemon leaves the directory it was started in. */
	if (n == LEFTOVERS_MAX || realpath(path, leftovers->files[n].path) == NULL ||
	    lstat(path, &st) < 0)
		return error_set(err, n == LEFTOVERS_MAX ? ENOSPC : errno, "remember %s", path);
	leftovers->files[n].dev = st.st_dev;
	leftovers->files[n].ino = st.st_ino;
	leftovers->count++;
	return 0;
}

static void unlink_all(const struct leftovers *leftovers)
{
	for (int i = 0; i < leftovers->count; i++) {
		const char *path = leftovers->files[i].path;
		struct stat st;

		if (lstat(path, &st) == 0 && st.st_dev == leftovers->files[i].dev &&
		    st.st_ino == leftovers->files[i].ino)
			(void)unlink(path);
	}
}

/* Holds nothing but the pipe, so that a lock or a device of the server ends with the server. */
static _Noreturn void guard(const struct leftovers *leftovers, int fd)
{
	char byte;

	(void)prctl(PR_SET_NAME, "vtpm-leftovers");
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)setsid();
	(void)!chdir("/");
	if (dup2(fd, 0) == 0) {
		(void)close_range(1, ~0U, 0);
		(void)read_full(0, &byte, 1);
	}
	unlink_all(leftovers);
	_exit(0);
}

int leftovers_guard(struct leftovers *leftovers, struct error *err)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "start the process that cleans up");
	child = fork();
	if (child < 0)
		return error_set(err, errno, "start the process that cleans up");
	if (child == 0) {
		(void)close(ends[1]);
		guard(leftovers, ends[0]);
	}
	(void)close(ends[0]);
	leftovers->guard_fd = ends[1];
	return 0;
}

void leftovers_remove(struct leftovers *leftovers)
{
	if (leftovers == NULL)
		return;
	if (leftovers->guard_fd >= 0)
		(void)close(leftovers->guard_fd);
	else
		unlink_all(leftovers);
	free(leftovers);
}
