/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "util/child.h"
#include "util/cleanup.h"
#include "util/error.h"

static struct error err;
static uint8_t *output;
static size_t output_len;

/* Runs a line of shell with INPUT; output and err are what came of it. */
static int run(const char *line, const char *input, size_t most, unsigned int timeout_ms)
{
	const char *const argv[] = { "/bin/sh", "-c", line, NULL };
	const struct child_request request = { .argv = argv,
					       .input = input,
					       .input_len = strlen(input),
					       .output_max = most,
					       .timeout_ms = timeout_ms };

	free(output);
	output = NULL;
	output_len = 0;
	memset(&err, 0, sizeof(err));
	return child_run(&request, &output, &output_len, &err);
}

static int forget(void **state)
{
	(void)state;
	free(take_ptr(output));
	return 0;
}

static void bytes_go_in_and_come_out(void **state)
{
	(void)state;
	assert_int_equal(run("cat", "hello", 100, 5000), 0);
	assert_int_equal(output_len, 5);
	assert_memory_equal(output, "hello", 5);
	assert_int_equal(run("true", "", 0, 5000), 0);
	assert_int_equal(output_len, 0);
}

static void standard_input_can_be_opened_again(void **state)
{
	(void)state;
	assert_int_equal(run("cat /dev/stdin", "hello", 100, 5000), 0);
	assert_memory_equal(output, "hello", 5);
}

static void input_that_is_not_read_harms_nobody(void **state)
{
	static char big[300000];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	assert_int_equal(run("echo done", big, 100, 5000), 0);
	assert_int_equal(output_len, 5);
}

static void output_at_the_limit_is_taken_and_one_more_is_not(void **state)
{
	(void)state;
	assert_int_equal(run("head -c 70000 /dev/zero", "", 70000, 5000), 0);
	assert_int_equal(output_len, 70000);
	assert_int_equal(run("head -c 70001 /dev/zero", "", 70000, 5000), -EFBIG);
	assert_string_equal(err.text, "/bin/sh wrote more than 70000 bytes");
	assert_null(output);
}

static void a_failure_tells_the_last_line_of_complaint(void **state)
{
	(void)state;
	assert_int_equal(run("echo first >&2; echo 'no \001key' >&2; exit 3", "", 10, 5000), -EIO);
	assert_string_equal(err.text, "/bin/sh failed with status 3: no  key");
	assert_int_equal(run("exit 4", "", 10, 5000), -EIO);
	assert_string_equal(err.text, "/bin/sh failed with status 4");
	assert_int_equal(run("kill -9 $$", "", 10, 5000), -EIO);
	assert_string_equal(err.text, "/bin/sh was killed by signal 9");
	assert_int_equal(run("head -c 5000 /dev/zero | tr '\\0' x >&2; exit 1", "", 9, 5000), -EIO);
}

static void an_environment_replaces_ours(void **state)
{
	const char *const argv[] = { "/usr/bin/env", NULL };
	const char *const environment[] = { "ONLY=this", NULL };
	const struct child_request request = {
		.argv = argv, .environment = environment, .output_max = 1000, .timeout_ms = 5000
	};

	(void)state;
	assert_int_equal(child_run(&request, &output, &output_len, &err), 0);
	assert_int_equal(output_len, strlen("ONLY=this\n"));
	assert_memory_equal(output, "ONLY=this\n", output_len);
}

static void a_program_that_is_not_there_is_named(void **state)
{
	const char *const argv[] = { "/nonexistent/program", NULL };
	const struct child_request request = {
		.argv = argv, .input = "", .output_max = 10, .timeout_ms = 1000
	};

	(void)state;
	assert_int_equal(child_run(&request, &output, &output_len, &err), -ENOENT);
	assert_string_equal(err.text, "run /nonexistent/program: No such file or directory");
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A zombie does not count. */
static bool is_running(int pid)
{
	char path[64], status = 'Z';
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (file == NULL)
		return false;
	(void)!fscanf(file, "%*d %*s %c", &status);
	(void)fclose(file);
	return status != 'Z' && status != 'X';
}

static void a_timeout_ends_the_program_and_its_children(void **state)
{
	char path[] = "/tmp/test_child.XXXXXX", line[128], text[32] = "";
	int64_t began = now_ms();
	int fd = mkstemp(path);

	(void)state;
	(void)snprintf(line, sizeof(line), "sleep 60 & echo $! >%s; wait", path);
	assert_int_equal(run(line, "", 10, 300), -ETIMEDOUT);
	assert_string_equal(err.text, "/bin/sh did not end within 0.300 s");
	assert_in_range(now_ms() - began, 300, 5000);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	/* Killed with the group; whoever adopted it reaps it a little later. */
	for (int i = 0; is_running(atoi(text)); i++) {
		assert_int_not_equal(i, 100);
		(void)usleep(10000);
	}
	(void)close(fd);
	(void)unlink(path);
}

static void what_it_leaves_behind_does_not_keep_us_waiting(void **state)
{
	int64_t began = now_ms();

	(void)state;
	assert_int_equal(run("sleep 30 & echo done", "", 10, 10000), 0);
	assert_memory_equal(output, "done\n", 5);
	assert_in_range(now_ms() - began, 0, 5000);
}

static void closed_streams_do_not_end_the_waiting(void **state)
{
	(void)state;
	assert_int_equal(run("exec >&- 2>&-; sleep 0.2; exit 7", "", 10, 5000), -EIO);
	assert_string_equal(err.text, "/bin/sh failed with status 7");
}

/* A caller that runs for long, in a process of its own that the signal is meant for. */
static _Noreturn void run_for_long(bool blocked, const char *line)
{
	sigset_t terminate;

	(void)sigemptyset(&terminate);
	(void)sigaddset(&terminate, SIGTERM);
	if (blocked)
		(void)sigprocmask(SIG_BLOCK, &terminate, NULL);
	if (run(line, "", 10, 60000) == -ECANCELED && sigpending(&terminate) == 0 &&
	    sigismember(&terminate, SIGTERM) == 1)
		_exit(7);
	_exit(1);
}

static int end_early(bool blocked)
{
	char path[] = "/tmp/test_child.XXXXXX", line[128], text[32] = "";
	int fd = mkstemp(path), status;
	pid_t caller;

	(void)snprintf(line, sizeof(line), "trap '' TERM; echo $$ >%s; sleep 60", path);
	caller = fork();
	if (caller == 0)
		run_for_long(blocked, line);
	while (pread(fd, text, sizeof(text) - 1, 0) <= 0 || strchr(text, '\n') == NULL)
		(void)usleep(10000);
	assert_int_equal(kill(caller, SIGTERM), 0);
	assert_int_equal(waitpid(caller, &status, 0), caller);
	for (int i = 0; is_running(atoi(text)); i++) {
		assert_int_not_equal(i, 100);
		(void)usleep(10000);
	}
	(void)close(fd);
	(void)unlink(path);
	return status;
}

static void a_signal_that_ends_us_ends_the_program_first(void **state)
{
	int status = end_early(false);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void a_signal_that_is_blocked_ends_the_program_and_stays_for_the_caller(void **state)
{
	int status = end_early(true);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(bytes_go_in_and_come_out, forget),
		cmocka_unit_test_teardown(standard_input_can_be_opened_again, forget),
		cmocka_unit_test_teardown(input_that_is_not_read_harms_nobody, forget),
		cmocka_unit_test_teardown(output_at_the_limit_is_taken_and_one_more_is_not, forget),
		cmocka_unit_test_teardown(a_failure_tells_the_last_line_of_complaint, forget),
		cmocka_unit_test_teardown(an_environment_replaces_ours, forget),
		cmocka_unit_test_teardown(a_program_that_is_not_there_is_named, forget),
		cmocka_unit_test_teardown(a_timeout_ends_the_program_and_its_children, forget),
		cmocka_unit_test_teardown(what_it_leaves_behind_does_not_keep_us_waiting, forget),
		cmocka_unit_test_teardown(a_signal_that_ends_us_ends_the_program_first, forget),
		cmocka_unit_test_teardown(
			a_signal_that_is_blocked_ends_the_program_and_stays_for_the_caller, forget),
		cmocka_unit_test_teardown(closed_streams_do_not_end_the_waiting, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
