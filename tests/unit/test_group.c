/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/file.h"
#include "util/group.h"

static char top[64];

static int set_up(void **state)
{
	(void)state;
	(void)strcpy(top, "/tmp/vtpm-test-group-XXXXXX");
	return mkdtemp(top) == NULL || chdir(top) < 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "cd / && rm -rf '%s'", top);
	return system(command);
}

static void put(const char *name, const char *text)
{
	cleanup_close int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, text, strlen(text)), 0);
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
	put("cgroup.procs", ""); /* those beneath it are counted by the kernel */
	put("cgroup.events", "populated 1\nfrozen 0\n");
	assert_true(populated("."));
	put("cgroup.events", "populated 0\nfrozen 0\n");
	assert_false(populated("."));
	put("cgroup.events", "frozen 0\npopulated 0\n");
	assert_false(populated("."));
	put("cgroup.events", "");
	assert_true(populated("."));
}

static void version_1_is_searched(void **state)
{
	(void)state;
	put("cgroup.procs", "");
	put("freezer.state", "THAWED\n");
	assert_false(populated("."));
	assert_int_equal(mkdir("child", 0700), 0);
	put("child/cgroup.procs", "");
	assert_false(populated("."));
	assert_int_equal(mkdir("child/deep", 0700), 0);
	put("child/deep/cgroup.procs", "12\n");
	assert_true(populated("."));
	put("child/deep/cgroup.procs", "");
	assert_false(populated("."));
	put("cgroup.procs", "12\n13\n");
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
