/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/pidfd.h"

static pid_t start(void)
{
	pid_t child = fork();

	if (child == 0) {
		(void)pause();
		_exit(1);
	}
	assert_true(child > 0);
	return child;
}

static void a_process_is_signalled_and_waited_for(void **state)
{
	pid_t child = start();
	cleanup_close int fd = open_pidfd(child);
	int status;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(wait_pidfd(fd, 0), -ETIMEDOUT);
	assert_int_equal(wait_pidfd(fd, 5), -ETIMEDOUT);
	assert_int_equal(signal_pidfd(fd, SIGKILL), 0);
	assert_int_equal(wait_pidfd(fd, -1), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(signal_pidfd(fd, SIGKILL), -ESRCH);
	assert_int_equal(open_pidfd(child), -ESRCH);
}

static void a_descriptor_of_another_process_is_copied(void **state)
{
	cleanup_close int self = open_pidfd(getpid());
	cleanup_close int copy = -1;
	int ends[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	copy = copy_pidfd_fd(self, ends[1]);
	assert_true(copy >= 0 && copy != ends[1]);
	assert_int_equal(fcntl(copy, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(write(copy, "x", 1), 1);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(copy_pidfd_fd(self, 987), -EBADF);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_is_signalled_and_waited_for),
		cmocka_unit_test(a_descriptor_of_another_process_is_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
