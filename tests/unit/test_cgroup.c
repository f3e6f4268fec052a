/* SPDX-License-Identifier: BSD-3-Clause */
/* Control groups, as far as they can be tried where there are none: what cannot be had is said. */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/host/cgroup.h"
#include "util/cleanup.h"
#include "util/error.h"

static void no_group_is_made_where_none_is_asked_for(void **state)
{
	int fd = 0;

	(void)state;
	assert_int_equal(cgroup_make("", &fd, NULL), 0);
	assert_int_equal(fd, -1);
}

static void a_group_that_cannot_be_made_is_an_error(void **state)
{
	cleanup_close int file = open("file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	char path[PATH_MAX];
	struct error err;
	int fd = 0;

	assert_true(file >= 0);
	(void)snprintf(path, sizeof(path), "%s/file/group", (char *)*state);
	assert_int_equal(cgroup_make(path, &fd, &err), -ENOTDIR);
	assert_int_equal(fd, -1);
	assert_true(strstr(err.text, path) != NULL);
}

/* A directory without "cgroup.procs" is no group. */
static void a_child_is_told_that_it_is_not_in_its_group(void **state)
{
	cleanup_close int dir = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int entered = 0, status = 0;
	pid_t child;

	assert_true(dir >= 0);
	child = cgroup_fork(dir, &entered);
	assert_true(child >= 0);
	if (child == 0)
		_exit(entered == -ENOENT ? 42 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 42);
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_group_is_made_where_none_is_asked_for),
		FILE_TEST(a_group_that_cannot_be_made_is_an_error),
		FILE_TEST(a_child_is_told_that_it_is_not_in_its_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
