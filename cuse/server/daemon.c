/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

/* Runs in the parent. One byte means ready, the end of the pipe that the child ended first. */
static _Noreturn void await_child(pid_t child, int fd)
{
	char ready;
	int status;

	if (read_full(fd, &ready, 1) == 1)
		_exit(0);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	_exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 1);
}

int daemon_start(int *ready_fd, struct error *err)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "go to the background");
	child = fork();
	if (child < 0)
		return error_set(err, errno, "go to the background");
	if (child > 0) {
		(void)close(ends[1]);
		await_child(child, ends[0]);
	}
	(void)close(ends[0]);
	(void)setsid();
	*ready_fd = ends[1];
	return 0;
}

int daemon_prepare(int *null_fd, struct error *err)
{
	*null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (*null_fd < 0)
		return error_set(err, errno, "open /dev/null");
	(void)!chdir("/"); /* keeps no file system busy */
	return 0;
}

void daemon_leave(int null_fd)
{
	(void)dup2(null_fd, STDIN_FILENO);
	(void)dup2(null_fd, STDOUT_FILENO);
	(void)dup2(null_fd, STDERR_FILENO);
}

/* Writes a line, as supervisors that pass such a descriptor expect. */
void daemon_ready(int ready_fd)
{
	(void)write_all(ready_fd, "\n", 1);
	(void)close(ready_fd);
}
