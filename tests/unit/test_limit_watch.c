/* SPDX-License-Identifier: BSD-3-Clause */
/* runtime/server/limit_watch.c, with directories in the place of control groups. */
#include "tests/unit/unit.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/server/limit_watch.h"
#include "tests/unit/scratch.h"
#include "util/error.h"

/* top/pod/one and top/pod/two, of which nobody has been told. */
static struct limit_watch *watch_two(void)
{
	static const char *const dirs[] = { "names", "top", "top/pod", "top/pod/one",
					    "top/pod/two" };
	struct limit_watch *watch;
	struct error err;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		assert_int_equal(mkdir(dirs[i], 0700), 0);
	assert_int_equal(limit_watch_open("names", &watch, &err), 0);
	limit_watch_add(watch, "top", "top/pod/one");
	limit_watch_add(watch, "top", "top/pod/two");
	return watch;
}

/* A write as to a file of the kernel's, which is never made nor cut off. */
static void write_limit(const char *path)
{
	scratch_write(path, "1", 1);
}

static void changed(struct limit_watch *watch, const char *expected)
{
	char all[PATH_MAX] = "", path[PATH_MAX];

	while (limit_watch_next(watch, path))
		(void)strcat(strcat(all, path), " ");
	assert_string_equal(all, expected);
}

static void a_group_that_is_new_counts_as_changed(void **state)
{
	cleanup_with(limit_watch_closep) struct limit_watch *watch = watch_two();

	(void)state;
	changed(watch, "top/pod/one top/pod top/pod/two ");
	limit_watch_add(watch, "top", "top/pod/one");
	changed(watch, "");
}

static void writes_to_limits_are_told_once_and_to_other_files_never(void **state)
{
	cleanup_with(limit_watch_closep) struct limit_watch *watch = watch_two();
	struct pollfd there = { .fd = limit_watch_fd(watch), .events = POLLIN };

	(void)state;
	changed(watch, "top/pod/one top/pod top/pod/two ");
	assert_int_equal(poll(&there, 1, 0), 0);
	write_limit("top/pod/two/cgroup.procs");
	write_limit("top/pod/two/cpu.max");
	write_limit("top/pod/two/io.max");
	write_limit("top/pod/one/cgroup.events");
	assert_int_equal(poll(&there, 1, 0), 1);
	assert_false(limit_watch_read(watch));
	changed(watch, "top/pod/two ");
	write_limit("top/pod/cpu.weight");
	assert_false(limit_watch_read(watch));
	changed(watch, "top/pod ");
	assert_int_equal(poll(&there, 1, 0), 0);
}

static void a_group_that_is_gone_is_forgotten(void **state)
{
	cleanup_with(limit_watch_closep) struct limit_watch *watch = watch_two();

	(void)state;
	assert_int_equal(rmdir("top/pod/one"), 0);
	assert_false(limit_watch_read(watch));
	changed(watch, "top/pod/two top/pod ");
	limit_watch_add(watch, "top", "top/pod/one");
	assert_int_equal(mkdir("top/pod/one", 0700), 0);
	limit_watch_add(watch, "top", "top/pod/one");
	changed(watch, "top/pod/one ");
}

static void names_that_come_and_go_are_told(void **state)
{
	cleanup_with(limit_watch_closep) struct limit_watch *watch = watch_two();

	(void)state;
	assert_false(limit_watch_read(watch));
	scratch_write("names/a", "", 0);
	assert_true(limit_watch_read(watch));
	assert_false(limit_watch_read(watch));
	assert_int_equal(unlink("names/a"), 0);
	assert_true(limit_watch_read(watch));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(a_group_that_is_new_counts_as_changed),
		TEST(writes_to_limits_are_told_once_and_to_other_files_never),
		TEST(a_group_that_is_gone_is_forgotten),
		TEST(names_that_come_and_go_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
