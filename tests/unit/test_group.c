/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/file.h"
#include "util/group.h"

static int set_up(void **state)
{
	(void)state;
	return chdir(scratch_make());
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove();
	return chdir("/");
}

static bool populated(const char *name)
{
	cleanup_close int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return group_is_populated(fd);
}

static void version_2_says_it_itself(void **state)
{
	(void)state;
	scratch_write("cgroup.procs", "",
		      strlen("")); /* those beneath it are counted by the kernel */
	scratch_write("cgroup.events", "populated 1\nfrozen 0\n",
		      strlen("populated 1\nfrozen 0\n"));
	assert_true(populated("."));
	scratch_write("cgroup.events", "populated 0\nfrozen 0\n",
		      strlen("populated 0\nfrozen 0\n"));
	assert_false(populated("."));
	scratch_write("cgroup.events", "frozen 0\npopulated 0\n",
		      strlen("frozen 0\npopulated 0\n"));
	assert_false(populated("."));
	scratch_write("cgroup.events", "", strlen(""));
	assert_true(populated("."));
}

static void version_1_is_searched(void **state)
{
	(void)state;
	scratch_write("cgroup.procs", "", strlen(""));
	scratch_write("freezer.state", "THAWED\n", strlen("THAWED\n"));
	assert_false(populated("."));
	assert_int_equal(mkdir("child", 0700), 0);
	scratch_write("child/cgroup.procs", "", strlen(""));
	assert_false(populated("."));
	assert_int_equal(mkdir("child/deep", 0700), 0);
	scratch_write("child/deep/cgroup.procs", "12\n", strlen("12\n"));
	assert_true(populated("."));
	scratch_write("child/deep/cgroup.procs", "", strlen(""));
	assert_false(populated("."));
	scratch_write("cgroup.procs", "12\n13\n", strlen("12\n13\n"));
	assert_true(populated("."));
}

static void a_group_that_was_removed_is_empty(void **state)
{
	cleanup_close int fd = -1;

	(void)state;
	assert_int_equal(mkdir("gone", 0700), 0);
	fd = open("gone", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(rmdir("gone"), 0);
	assert_false(group_is_populated(fd));
	assert_true(group_is_populated(-1)); /* an error is no answer */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(version_2_says_it_itself, set_up, tear_down),
		cmocka_unit_test_setup_teardown(version_1_is_searched, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_group_that_was_removed_is_empty, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
