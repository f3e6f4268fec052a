/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/program.h"

/* Runs TRY in a process of its own: what a caller left is for all of a process. */
static bool holds_in_child(bool (*try)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(try() ? 0 : 1);
	return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool fills_closed_fds(void)
{
	char byte;
	int fd;

	(void)close(0);
	(void)close(1);
	(void)close(2);
	program_start();
	fd = open("/dev/null", O_RDWR);
	return fd > 2 && read(0, &byte, 1) < 0 && errno == EBADF && write(1, "x", 1) < 0 &&
	       errno == EBADF && write(2, "x", 1) < 0 && errno == EBADF;
}

static void no_file_becomes_a_standard_descriptor_that_was_closed(void **state)
{
	(void)state;
	assert_true(holds_in_child(fills_closed_fds));
}

static bool leaves_open_fds(void)
{
	int ends[2];
	char byte = 0;

	if (pipe(ends) < 0 || dup2(ends[0], 0) < 0 || dup2(ends[1], 1) < 0)
		return false;
	program_start();
	return write(1, "x", 1) == 1 && read(0, &byte, 1) == 1 && byte == 'x' &&
	       program_has_fd(0) && program_has_fd(1);
}

static void standard_descriptors_that_are_open_stay(void **state)
{
	(void)state;
	assert_true(holds_in_child(leaves_open_fds));
}

static bool tells_stand_in(void)
{
	(void)close(0);
	program_start();
	return !program_has_fd(0) && program_has_fd(2) && !program_has_fd(1000);
}

static void a_stand_in_is_not_taken_for_what_the_caller_handed_over(void **state)
{
	(void)state;
	assert_true(holds_in_child(tells_stand_in));
}

static bool survives_broken_pipe(void)
{
	int ends[2];

	program_start();
	return pipe(ends) == 0 && close(ends[0]) == 0 && write(ends[1], "x", 1) < 0 &&
	       errno == EPIPE;
}

static bool survives_file_size(void)
{
	const struct rlimit one = { 1, 1 };
	FILE *file = tmpfile();

	(void)setrlimit(RLIMIT_FSIZE, &one);
	program_start();
	return file != NULL && pwrite(fileno(file), "x", 1, 1) < 0 && errno == EFBIG;
}

static bool is_ignored(int signal)
{
	struct sigaction action;

	return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static bool ignores_terminal(void)
{
	program_start();
	return is_ignored(SIGTTOU) && is_ignored(SIGTTIN);
}

static void a_write_that_cannot_be_done_is_an_error_and_no_signal(void **state)
{
	(void)state;
	assert_true(holds_in_child(survives_broken_pipe));
	assert_true(holds_in_child(survives_file_size));
	assert_true(holds_in_child(ignores_terminal));
}

static bool unblocks(void)
{
	sigset_t all, now;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	program_start();
	(void)sigprocmask(SIG_SETMASK, NULL, &now);
	return sigisemptyset(&now) != 0;
}

static void signals_that_the_caller_had_blocked_arrive(void **state)
{
	(void)state;
	assert_true(holds_in_child(unblocks));
}

static bool waits_for_child(void)
{
	int status = 0;
	pid_t child;

	(void)signal(SIGCHLD, SIG_IGN);
	program_start();
	child = fork();
	if (child == 0)
		_exit(7);
	return waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7;
}

static void a_child_can_be_waited_for_though_the_caller_ignored_its(void **state)
{
	(void)state;
	assert_true(holds_in_child(waits_for_child));
}

static bool keeps_ignored_hangup(void)
{
	(void)signal(SIGHUP, SIG_IGN);
	program_start();
	return is_ignored(SIGHUP);
}

static void a_hangup_that_nohup_has_made_ignored_stays_so(void **state)
{
	(void)state;
	assert_true(holds_in_child(keeps_ignored_hangup));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_file_becomes_a_standard_descriptor_that_was_closed),
		cmocka_unit_test(standard_descriptors_that_are_open_stay),
		cmocka_unit_test(a_stand_in_is_not_taken_for_what_the_caller_handed_over),
		cmocka_unit_test(a_write_that_cannot_be_done_is_an_error_and_no_signal),
		cmocka_unit_test(signals_that_the_caller_had_blocked_arrive),
		cmocka_unit_test(a_child_can_be_waited_for_though_the_caller_ignored_its),
		cmocka_unit_test(a_hangup_that_nohup_has_made_ignored_stays_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
