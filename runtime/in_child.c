/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/in_child.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

struct result {
	int r;
	struct error err;
};

static void child(int fd, int (*work)(const void *arg, struct error *err), const void *arg)
{
	struct result result = { 0 };

	result.r = work(arg, &result.err);
	(void)write_all(fd, &result, sizeof(result));
	_exit(0);
}

int in_child(int (*work)(const void *arg, struct error *err), const void *arg, struct error *err)
{
	struct result result;
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_set(err, errno, "start a child process");
	pid = fork();
	if (pid == 0)
		child(fds[1], work, arg);
	(void)close(fds[1]);
	n = pid < 0 ? 0 : read_full(fds[0], &result, sizeof(result));
	(void)close(fds[0]);
	if (pid < 0)
		return error_set(err, errno, "start a child process");
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (n != (ssize_t)sizeof(result))
		return error_say(err, EIO, "a child process ended without a word");
	if (result.r < 0 && err != NULL)
		*err = result.err;
	return result.r;
}
