/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "cuse/sandbox/seccomp.h"
#include "cuse/server/privileges.h"
#include "util/error.h"
#include "util/file.h"
#include "util/program.h"

/* As long as the guard may take on a busy machine. */
#define GUARD_SECONDS 20

/* One file; also what the guard is told about it, all of which fits into a socket. */
struct leftover {
	dev_t dev;
	ino_t ino;
	char path[PATH_MAX];
};

struct leftovers {
	struct leftover files[LEFTOVERS_MAX];
	int count;
	int guard_fd; /* the guard removes the files when this ends; -1: there is no guard */
};

static void unlink_all(const struct leftovers *leftovers)
{
	for (int i = 0; i < leftovers->count; i++) {
		const struct leftover *file = &leftovers->files[i];
		struct stat st;

		if (lstat(file->path, &st) == 0 && st.st_dev == file->dev && st.st_ino == file->ino)
			(void)unlink(file->path);
	}
}

/*
 * Holds nothing but the socket, so that a lock or a device of the server ends with the server. The
 * files belong to root, but directories of others may be where they are.
 */
static _Noreturn void guard(struct leftovers *leftovers, int fd)
{
	const ssize_t size = sizeof(struct leftover);
	char byte;

	(void)prctl(PR_SET_NAME, "vtpm-leftovers");
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)setsid();
	(void)!chdir("/");
	if (privileges_limit(1U << CAP_DAC_OVERRIDE, true, NULL) < 0 || dup2(fd, 0) != 0)
		_exit(1);
	close_from(1);
#ifndef WITH_INSTRUMENTATION
	if (seccomp_check(NULL) == 0 && seccomp_enter(&seccomp_guard, SECCOMP_KILL, NULL) < 0)
		_exit(1);
#endif
	while (leftovers->count < LEFTOVERS_MAX &&
	       read_full(0, &leftovers->files[leftovers->count], (size_t)size) == size)
		leftovers->count++;
	(void)read_full(0, &byte, 1);
	unlink_all(leftovers);
	_exit(0);
}

static int start_guard(struct leftovers *leftovers, struct error *err)
{
	static const struct timeval patience = { .tv_sec = GUARD_SECONDS };
	int ends[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, errno, "start the process that cleans up");
	leftovers->guard_fd = ends[1];
	(void)setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	child = fork();
	if (child == 0) {
		(void)close(ends[1]);
		guard(leftovers, ends[0]);
	}
	(void)close(ends[0]);
	return child < 0 ? error_set(err, errno, "start the process that cleans up") : 0;
}

int leftovers_new(bool guarded, struct leftovers **ret, struct error *err)
{
	cleanup_with(leftovers_removep) struct leftovers *leftovers = calloc(1, sizeof(*leftovers));
	int r;

	if (leftovers == NULL)
		return error_set(err, ENOMEM, "start");
	leftovers->guard_fd = -1;
	r = guarded ? start_guard(leftovers, err) : 0;
	if (r == 0)
		*ret = take_ptr(leftovers);
	return r;
}

int leftovers_add(struct leftovers *leftovers, const char *path, struct error *err)
{
	struct leftover *file = &leftovers->files[leftovers->count];
	struct stat st;
	int r = 0;

	if (leftovers->count == LEFTOVERS_MAX)
		return error_set(err, ENOSPC, "remember %s", path);
	/* Absolute: a daemon leaves the directory it was started in. */
	if (realpath(path, file->path) == NULL || lstat(path, &st) < 0)
		return error_set(err, errno, "remember %s", path);
	file->dev = st.st_dev;
	file->ino = st.st_ino;
	if (leftovers->guard_fd >= 0)
		r = write_all(leftovers->guard_fd, file, sizeof(*file));
	if (r < 0)
		return error_set(err, -r, "have %s removed at the end", path);
	leftovers->count++;
	return 0;
}

static int open_dir_of(const struct leftover *file, int *ret, struct error *err)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s", file->path);
	*ret = open(dirname(path), O_PATH | O_DIRECTORY | O_CLOEXEC);
	return *ret < 0 ? error_set(err, errno, "open %s", path) : 0;
}

int leftovers_open_dirs(const struct leftovers *leftovers, int fds[static LEFTOVERS_MAX],
			struct error *err)
{
	int count = leftovers->guard_fd < 0 ? leftovers->count : 0;

	for (int i = 0; i < count; i++) {
		int r = open_dir_of(&leftovers->files[i], &fds[i], err);

		if (r == 0)
			continue;
		while (i > 0)
			(void)close(fds[--i]);
		return r;
	}
	return count;
}

/* Who sees us end finds nothing left: the guard's end of the socket closes when all is done. */
static void let_guard_remove(int fd)
{
	char byte;

	(void)shutdown(fd, SHUT_WR);
	(void)read_full(fd, &byte, 1);
	(void)close(fd);
}

void leftovers_remove(struct leftovers *leftovers)
{
	if (leftovers == NULL)
		return;
	if (leftovers->guard_fd >= 0)
		let_guard_remove(leftovers->guard_fd);
	else
		unlink_all(leftovers);
	free(leftovers);
}
