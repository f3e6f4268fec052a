/* SPDX-License-Identifier: BSD-3-Clause */
/* cuse/user/uid_lease.c: numbers of users that no two servers have; util/uid_range.c. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cuse/user/uid_lease.h"
#include "tests/unit/scratch.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/uid_range.h"

static const struct uid_range three = { 5000, 5002 };

static int take(uid_t *uid, struct error *err)
{
	cleanup_close int dir_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return uid_lease_take(dir_fd, &three, uid, err);
}

static void each_gets_another_until_there_is_none(void **state)
{
	struct error err = { "" };
	uid_t uid;
	int fds[3];

	(void)state;
	for (uid_t i = 0; i < 3; i++) {
		fds[i] = take(&uid, NULL);
		assert_true(fds[i] >= 0);
		assert_int_equal(uid, 5000 + i);
	}
	assert_int_equal(take(&uid, &err), -ENOSPC);
	assert_string_equal(err.text, "each user from 5000 to 5002 serves a vTPM");
	(void)close(fds[1]);
	fds[1] = take(&uid, NULL);
	assert_true(fds[1] >= 0);
	assert_int_equal(uid, 5001);
	for (int i = 0; i < 3; i++)
		(void)close(fds[i]);
}

static void one_that_was_given_back_comes_again_last(void **state)
{
	uid_t uid;

	(void)state;
	for (uid_t i = 0; i < 4; i++) {
		int fd = take(&uid, NULL);

		assert_true(fd >= 0);
		assert_int_equal(uid, 5000 + i % 3);
		(void)close(fd);
	}
}

/* The server's copy is what counts: with it the number is gone, whoever else had one. */
static void it_is_had_as_long_as_any_process_has_the_descriptor(void **state)
{
	uid_t uid;
	int fd = take(&uid, NULL), ends[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(uid, 5000);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		char byte;

		(void)close(ends[1]);
		_exit((int)read(ends[0], &byte, 1));
	}
	(void)close(fd);
	for (uid_t i = 1; i < 6; i++) {
		fd = take(&uid, NULL);
		assert_true(fd >= 0);
		assert_int_not_equal(uid, 5000);
		(void)close(fd);
	}
	(void)close(ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	(void)close(ends[0]);
	for (uid = 0, fd = -1; uid != 5000; fd = take(&uid, NULL))
		closep(&fd);
	(void)close(fd);
}

/* It stays with a server that its client may have taken over. */
static void who_has_the_descriptor_can_write_nothing_by_it(void **state)
{
	uid_t uid;
	cleanup_close int fd = take(&uid, NULL);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

static void what_cannot_be_looked_at_is_said(void **state)
{
	struct error err = { "" };
	uid_t uid;

	(void)state;
	assert_int_equal(mkdir("5000", 0700), 0);
	assert_int_equal(mkdir("5001", 0700), 0);
	assert_int_equal(mkdir("5002", 0700), 0);
	assert_int_equal(take(&uid, &err), -EISDIR);
	assert_string_equal(err.text, "find a user for the server: Is a directory");
}

static void refused(const char *text)
{
	struct uid_range range;
	struct error err = { "" };

	assert_int_equal(uid_range_parse(text, &range, &err), -EINVAL);
	assert_non_null(strstr(err.text, "is not FIRST-LAST, two numbers of users"));
}

static void a_range_is_two_numbers(void **state)
{
	struct uid_range range;

	(void)state;
	assert_int_equal(uid_range_parse("1-4294967294", &range, NULL), 0);
	assert_int_equal(range.first, 1);
	assert_int_equal(range.last, 4294967294);
	assert_int_equal(uid_range_parse("7-7", &range, NULL), 0);
	assert_true(uid_range_has(&range, 7));
	assert_false(uid_range_has(&range, 6));
	assert_false(uid_range_has(&range, 8));
	refused("");
	refused("0-7");
	refused("7");
	refused("7-");
	refused("8-7");
	refused("7-8 ");
	refused("7-8-9");
	refused("-8--7");
	refused("1-4294967295");
	refused("1-99999999999999999999");
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_set_up, scratch_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		IN_SCRATCH(each_gets_another_until_there_is_none),
		IN_SCRATCH(one_that_was_given_back_comes_again_last),
		IN_SCRATCH(it_is_had_as_long_as_any_process_has_the_descriptor),
		IN_SCRATCH(who_has_the_descriptor_can_write_nothing_by_it),
		IN_SCRATCH(what_cannot_be_looked_at_is_said),
		cmocka_unit_test(a_range_is_two_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
