/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/inside/confine.h"
#include "runtime/inside/own_child.h"
#include "runtime/inside/own_thread.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/seccomp.h"

#define LONG_MS 60000

static int add_one(const void *arg, void *data, struct error *err)
{
	int *number = data;

	(void)err;
	*number += *(const int *)arg;
	return 0;
}

static void what_the_child_makes_of_the_data_comes_back(void **state)
{
	int one = 1, number = 41;

	(void)state;
	assert_int_equal(run_in_own_child(add_one, &one, &number, sizeof(number), LONG_MS, NULL),
			 0);
	assert_int_equal(number, 42);
}

static int say_no(const void *arg, void *data, struct error *err)
{
	(void)data;
	return error_say(err, EXDEV, "%s", (const char *)arg);
}

static void its_sentence_becomes_ours(void **state)
{
	struct error err = { "" };
	char nothing = 0;

	(void)state;
	assert_int_equal(run_in_own_child(say_no, "no", &nothing, 1, LONG_MS, &err), -EXDEV);
	assert_string_equal(err.text, "no");
}

static int count_descriptors(const void *arg, void *data, struct error *err)
{
	(void)arg;
	(void)err;
	for (int fd = 0; fd < 1024; fd++)
		*(int *)data += fcntl(fd, F_GETFD) >= 0;
	return 0;
}

static void it_has_none_of_our_descriptors(void **state)
{
	cleanup_close int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int count = 0;

	(void)state;
	assert_int_equal(
		run_in_own_child(count_descriptors, NULL, &count, sizeof(count), LONG_MS, NULL), 0);
	assert_int_equal(count, 0);
	assert_true(fd >= 0);
}

static int wait_for_ever(const void *arg, void *data, struct error *err)
{
	(void)arg;
	(void)err;
	*(pid_t *)data = getpid();
	while (getpid() > 0)
		(void)pause();
	return 0;
}

static void one_that_does_not_come_back_is_given_up_and_ended(void **state)
{
	struct error err = { "" };
	pid_t pid = 0;

	(void)state;
	assert_int_equal(run_in_own_child(wait_for_ever, NULL, &pid, sizeof(pid), 1000, &err),
			 -ETIMEDOUT);
	assert_string_equal(err.text, "no answer within 1 s");
	if (pid > 0) /* it has begun */
		assert_int_equal(kill(pid, 0), -1);
}

static int die(const void *arg, void *data, struct error *err)
{
	(void)arg;
	(void)data;
	(void)err;
	return raise(SIGKILL);
}

static void one_that_is_ended_has_failed(void **state)
{
	struct error err = { "" };
	char nothing = 0;

	(void)state;
	assert_int_equal(run_in_own_child(die, NULL, &nothing, 1, LONG_MS, &err), -EIO);
	assert_string_equal(err.text, "the process that does it was ended");
}

/* --- in the filter --- */

static int call(const void *arg)
{
	struct error err;

	if (inside_confine(&err) < 0)
		return -ENOTSUP;
	return (int)syscall(*(const long *)arg, -1, NULL, NULL) < 0 ? -errno : 0;
}

static int call_in_child(const void *arg, void *data, struct error *err)
{
	(void)data;
	(void)err;
	return call(arg);
}

static int call_in_thread(const void *arg, struct error *err)
{
	(void)err;
	return call(arg);
}

static const long forbidden[] = {
	SYS_socket, SYS_execve, SYS_kill, SYS_clone, SYS_bpf, SYS_ptrace
};

static void a_child_that_does_more_than_it_may_is_ended_and_reported(void **state)
{
	const long allowed = SYS_fchmod;
	char nothing = 0;

	(void)state;
	assert_int_equal(run_in_own_child(call_in_child, &allowed, &nothing, 1, LONG_MS, NULL),
			 -EBADF);
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		struct error err = { "" };

		assert_int_equal(
			run_in_own_child(call_in_child, &forbidden[i], &nothing, 1, LONG_MS, &err),
			-EIO);
		assert_string_equal(err.text, INSIDE_WAS_ENDED);
	}
}

static void a_thread_that_does_more_than_it_may_is_ended_alone(void **state)
{
	const long allowed = SYS_fchmod;

	(void)state;
	assert_int_equal(run_in_own_thread(call_in_thread, &allowed, NULL), -EBADF);
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		struct error err = { "" };

		assert_int_equal(run_in_own_thread(call_in_thread, &forbidden[i], &err), -EIO);
		assert_string_equal(err.text, INSIDE_WAS_ENDED);
	}
}

static bool can_filter(void)
{
#ifdef WITH_INSTRUMENTATION
	return false;
#else
	return seccomp_check(NULL) == 0;
#endif
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_child_makes_of_the_data_comes_back),
		cmocka_unit_test(its_sentence_becomes_ours),
		cmocka_unit_test(it_has_none_of_our_descriptors),
		cmocka_unit_test(one_that_does_not_come_back_is_given_up_and_ended),
		cmocka_unit_test(one_that_is_ended_has_failed),
		/* Where there is a filter. */
		cmocka_unit_test(a_child_that_does_more_than_it_may_is_ended_and_reported),
		cmocka_unit_test(a_thread_that_does_more_than_it_may_is_ended_alone),
	};
	const size_t filtered = can_filter() ? 0 : 2, all = sizeof(tests) / sizeof(tests[0]);

	return _cmocka_run_group_tests("tests", tests, all - filtered, NULL, NULL);
}
