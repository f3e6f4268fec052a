/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/pidfd.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/clock.h"

/* As system calls: the C library has functions for them only since glibc 2.36. */

static int done(long r)
{
	return r < 0 ? -errno : (int)r;
}

int open_pidfd(pid_t pid)
{
	return done(syscall(SYS_pidfd_open, pid, 0));
}

int signal_pidfd(int pidfd, int number)
{
	return done(syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0));
}

int copy_pidfd_fd(int pidfd, int fd)
{
	return done(syscall(SYS_pidfd_getfd, pidfd, fd, 0));
}

int wait_pidfd(int pidfd, int ms)
{
	struct pollfd process = { .fd = pidfd, .events = POLLIN };
	int64_t deadline = monotonic_ms() + ms;
	int n;

	while ((n = poll(&process, 1, ms)) < 0 && errno == EINTR) {
		int64_t left = deadline - monotonic_ms();

		if (ms >= 0)
			ms = left > 0 ? (int)left : 0;
	}
	return n == 1 ? 0 : -ETIMEDOUT;
}
