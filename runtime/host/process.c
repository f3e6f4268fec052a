/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/file.h"

int process_parse_stat(const char *text, pid_t *parent, uint64_t *start, char *state)
{
	/* The program's name is the second field and may itself have blanks and brackets. */
	const char *after = strrchr(text, ')');

	if (after == NULL ||
	    sscanf(after + 1,
		   " %c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		   "%" SCNu64,
		   state, parent, start) != 3)
		return -EINVAL;
	return 0;
}

static int read_stat(pid_t pid, pid_t *parent, uint64_t *start)
{
	cleanup_free char *text = NULL;
	char path[32], state;
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	r = read_file(AT_FDCWD, path, 4096, &text, NULL);
	if (r == 0)
		r = process_parse_stat(text, parent, start, &state);
	if (r == -ENOENT || (r == 0 && (state == 'Z' || state == 'X')))
		return -ESRCH;
	return r;
}

int process_identify(pid_t pid, struct process *ret)
{
	struct process process = { .pid = pid };
	pid_t parent;
	int r;

	if (pid <= 0)
		return -ESRCH;
	r = read_stat(pid, &parent, &process.start);
	if (r == 0)
		*ret = process;
	return r;
}

bool process_lives(const struct process *process)
{
	struct process now;

	return process_identify(process->pid, &now) == 0 && now.start == process->start;
}

pid_t process_parent(pid_t pid)
{
	uint64_t start;
	pid_t parent;

	return read_stat(pid, &parent, &start) == 0 ? parent : 0;
}

int process_open(const struct process *process)
{
	cleanup_close int fd = -1;

	if (process->pid <= 0)
		return -ESRCH;
	fd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	if (fd < 0)
		return -errno;
	/* Looked at after it was opened: from here on the number cannot be anybody else's. */
	if (!process_lives(process))
		return -ESRCH;
	return take_fd(fd);
}

int process_copy_fd(int pidfd, int fd)
{
	long copy = syscall(SYS_pidfd_getfd, pidfd, fd, 0);

	return copy < 0 ? -errno : (int)copy;
}

int process_wait(int pidfd, int ms)
{
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };

	return poll(&poll_fd, 1, ms) == 1 ? 0 : -ETIMEDOUT;
}
