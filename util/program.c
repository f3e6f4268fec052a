/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/program.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "util/cleanup.h"
#include "util/error.h"

/*
 * A descriptor that fails to read and write just as a closed one does, but whose number is not
 * given to a file. The root directory is ours anyway: this needs no /dev/null and keeps nothing
 * busy.
 */
static void fill_standard_fds(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH) != fd)
			_exit(EXIT_STATUS_FAILURE);
	}
}

static void set_dispositions(const int *signals, size_t count, void (*handler)(int))
{
	const struct sigaction action = { .sa_handler = handler };

	for (size_t i = 0; i < count; i++)
		(void)sigaction(signals[i], &action, NULL);
}

/*
 * Of the signals that POSIX names, four come from reading and writing; ignored, they are an errno:
 * EPIPE, EFBIG, EIO, and nothing at all. The second list has those whose being ignored changes what
 * our own system calls do. All others end the program if that is what the caller has left them at.
 */
void program_start(void)
{
	static const int from_io[] = { SIGPIPE, SIGXFSZ, SIGTTIN, SIGTTOU };
	static const int relied_on[] = { SIGCHLD, SIGURG };
	sigset_t none;

	fill_standard_fds();
	set_dispositions(from_io, sizeof(from_io) / sizeof(from_io[0]), SIG_IGN);
	set_dispositions(relied_on, sizeof(relied_on) / sizeof(relied_on[0]), SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool is_ignored(int signal)
{
	struct sigaction action;

	return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void program_ending_signals(sigset_t *set)
{
	static const int others[] = { SIGHUP,  SIGQUIT,   SIGALRM, SIGUSR1, SIGUSR2,
				      SIGPOLL, SIGVTALRM, SIGPROF, SIGXCPU };

	(void)sigemptyset(set);
	(void)sigaddset(set, SIGTERM);
	(void)sigaddset(set, SIGINT);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (!is_ignored(others[i]))
			(void)sigaddset(set, others[i]);
	}
}

int program_print_version(const char *name)
{
	return printf("%s %s\n", name, PACKAGE_VERSION) < 0 || fflush(stdout) != 0
		       ? EXIT_STATUS_FAILURE
		       : 0;
}

int program_flush_output(struct error *err)
{
	if (fflush(stdout) != 0)
		return error_set(err, errno, "write to standard output");
	return ferror(stdout) != 0 ? error_set(err, EIO, "write to standard output") : 0;
}

bool program_has_fd(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && (flags & O_PATH) == 0;
}

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
