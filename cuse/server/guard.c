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
#include "util/log.h"
#include "util/program.h"

/* As long as the guard may take on a busy machine. */
#define GUARD_SECONDS 20

/* What the guard is told, all of which fits into a socket. */
enum message_kind {
	LEFTOVER, /* a file that goes at the end */
	SERVING,  /* that was all; the path is the device's name */
};

struct leftover {
	enum message_kind kind;
	dev_t dev;
	ino_t ino;
	char path[PATH_MAX];
};

/* A byte alone: the server ends in order. */
#define IN_ORDER "."

struct leftovers {
	struct leftover files[LEFTOVERS_MAX + 1]; /* room for the last message */
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
 * Files to remove, until the server is about to serve: from then on a client may have taken it
 * over. Returns the device's name, or NULL: it does not get there.
 */
static const char *listen_to_server(struct leftovers *leftovers)
{
	struct leftover *file = &leftovers->files[0];

	while (leftovers->count <= LEFTOVERS_MAX &&
	       read_full(0, file, sizeof(*file)) == (ssize_t)sizeof(*file)) {
		if (file->kind == SERVING)
			return file->path;
		file = &leftovers->files[++leftovers->count];
	}
	return NULL;
}

/* A start that does not get far is told by whoever waits for it. */
static bool ends_in_order(const char *serving)
{
	char byte;

	return read_full(0, &byte, 1) == 1 || serving == NULL;
}

/*
 * Holds nothing but the socket and the log, so that a lock or a device of the server ends with the
 * server. The files belong to root, but directories of others may be where they are.
 */
static _Noreturn void guard(struct leftovers *leftovers, pid_t server, int fd)
{
	const char *serving;

	(void)prctl(PR_SET_NAME, "vtpm-leftovers");
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)setsid();
	(void)!chdir("/");
	if (privileges_limit(1U << CAP_DAC_OVERRIDE, true, NULL) < 0 || dup2(fd, 0) != 0)
		_exit(1);
	log_use_system();
	log_move_to(1);
	close_from(2);
#ifndef WITH_INSTRUMENTATION
	if (seccomp_check(NULL) == 0 && seccomp_enter(&seccomp_guard, SECCOMP_KILL, NULL) < 0)
		_exit(1);
#endif
	serving = listen_to_server(leftovers);
	if (!ends_in_order(serving))
		log_err("%s: process %d, which served it, was killed or has crashed", serving,
			(int)server);
	unlink_all(leftovers);
	_exit(0);
}

static int start_guard(struct leftovers *leftovers, struct error *err)
{
	static const struct timeval patience = { .tv_sec = GUARD_SECONDS };
	const pid_t server = getpid();
	int ends[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, errno, "start the process that cleans up");
	leftovers->guard_fd = ends[1];
	(void)setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	child = fork();
	if (child == 0) {
		(void)close(ends[1]);
		guard(leftovers, server, ends[0]);
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

static int tell_guard(const struct leftovers *leftovers, const struct leftover *message)
{
	return leftovers->guard_fd >= 0 ? write_all(leftovers->guard_fd, message, sizeof(*message))
					: 0;
}

int leftovers_add(struct leftovers *leftovers, const char *path, struct error *err)
{
	struct leftover *file = &leftovers->files[leftovers->count];
	struct stat st;
	int r;

	if (leftovers->count == LEFTOVERS_MAX)
		return error_set(err, ENOSPC, "remember %s", path);
	/* Absolute: a daemon leaves the directory it was started in. */
	if (realpath(path, file->path) == NULL || lstat(path, &st) < 0)
		return error_set(err, errno, "remember %s", path);
	file->kind = LEFTOVER;
	file->dev = st.st_dev;
	file->ino = st.st_ino;
	r = tell_guard(leftovers, file);
	if (r < 0)
		return error_set(err, -r, "have %s removed at the end", path);
	leftovers->count++;
	return 0;
}

int leftovers_end_with(const struct leftovers *leftovers, const char *name, struct error *err)
{
	struct leftover message = { .kind = SERVING };
	int r;

	(void)snprintf(message.path, sizeof(message.path), "%s", name);
	r = tell_guard(leftovers, &message);
	return r < 0 ? error_set(err, -r, "have the end of %s told", name) : 0;
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

	(void)write_all(fd, IN_ORDER, 1);
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
