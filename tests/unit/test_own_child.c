/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "runtime/inside/own_child.h"
#include "util/cleanup.h"
#include "util/error.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_child_makes_of_the_data_comes_back),
		cmocka_unit_test(its_sentence_becomes_ours),
		cmocka_unit_test(it_has_none_of_our_descriptors),
		cmocka_unit_test(one_that_does_not_come_back_is_given_up_and_ended),
		cmocka_unit_test(one_that_is_ended_has_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
