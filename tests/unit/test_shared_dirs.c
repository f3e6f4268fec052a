/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/config/members.h"
#include "runtime/host/shared_dirs.h"
#include "util/error.h"

static int set_up(void **state)
{
	static const char *const dirs[] = { "rootfs", "vol",         "vol/sub",
					    "bundle", "bundle/data", "other" };

	if (scratch_set_up(state) < 0)
		return 1;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		if (mkdir(dirs[i], 0700) < 0)
			return 1;
	}
	return symlink("vol", "link");
}

/* The paths in TEXT begin with a @ where the scratch directory is meant. */
static const char *in_top(const char *text, char *ret, size_t size)
{
	const char *top = scratch_path("");
	size_t used = 0;

	for (; *text != '\0'; text++) {
		assert_true(used + strlen(top) < size);
		if (*text == '@')
			used += (size_t)sprintf(ret + used, "%.*s", (int)strlen(top) - 1, top);
		else
			ret[used++] = *text;
	}
	ret[used] = '\0';
	return ret;
}

static int check(const char *mounts, const char *path, struct error *err)
{
	cleanup_with(shared_dirs_freep) struct shared_dirs *dirs = NULL;
	cleanup_json json_t *json = NULL;
	char text[1024], rootfs[128], bundle[128];

	json = json_loads(in_top(mounts, text, sizeof(text)), 0, NULL);
	assert_non_null(json);
	assert_int_equal(shared_dirs_new(in_top("@/bundle", bundle, sizeof(bundle)),
					 in_top("@/rootfs", rootfs, sizeof(rootfs)), json, &dirs,
					 err),
			 0);
	return shared_dirs_check(dirs, in_top(path, text, sizeof(text)), err);
}

static void reached(const char *mounts, const char *path, const char *message)
{
	struct error err = { "" };
	char expected[512];

	assert_int_equal(check(mounts, path, &err), -EINVAL);
	assert_string_equal(err.text, in_top(message, expected, sizeof(expected)));
}

static void not_reached(const char *mounts, const char *path)
{
	struct error err = { "" };

	assert_int_equal(check(mounts, path, &err), 0);
}

static void what_is_beneath_the_root_or_a_bound_directory_is_reached(void **state)
{
	static const char bind[] = "[{\"type\": \"bind\", \"source\": \"@/vol\"}]";

	(void)state;
	reached("[]", "@/rootfs", "'@/rootfs' is inside the container's rootfs");
	reached("[]", "@/rootfs/new/state",
		"'@/rootfs/new/state' is inside the container's rootfs");
	reached(bind, "@/vol", "'@/vol' is inside '@/vol', which the container has bound");
	reached(bind, "@/vol/sub/state",
		"'@/vol/sub/state' is inside '@/vol', which the container has bound");
	reached("[{\"Type\": \"none\", \"source\": \"@/link\", \"options\": [\"ro\", \"rbind\"]}]",
		"@/vol/sub", "'@/vol/sub' is inside '@/link', which the container has bound");
	reached("[{\"type\": \"bind\", \"source\": \"data\"}]", "@/bundle/data/x",
		"'@/bundle/data/x' is inside 'data', which the container has bound");
}

static void what_is_beside_or_above_is_not_reached(void **state)
{
	(void)state;
	not_reached("[]", "@/rootfs2");
	not_reached("[]", "@");
	not_reached("[{\"type\": \"bind\", \"source\": \"@/vol/sub\"}]", "@/vol/state");
	not_reached("[{\"type\": \"bind\", \"source\": \"@/nowhere\"}]", "@/nowhere/state");
	not_reached("[{\"type\": \"tmpfs\", \"source\": \"@/vol\"}, {\"type\": \"proc\"}]",
		    "@/vol/state");
}

static void mounts_that_are_none_are_refused(void **state)
{
	cleanup_with(shared_dirs_freep) struct shared_dirs *dirs = NULL;
	cleanup_json json_t *mounts = json_pack("[{}, i]", 7);
	struct error err = { "" };

	(void)state;
	assert_int_equal(shared_dirs_new("/", "/", mounts, &dirs, &err), -EINVAL);
	assert_string_equal(err.text, "mounts[1]: not an object");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_beneath_the_root_or_a_bound_directory_is_reached, set_up,
			scratch_tear_down),
		cmocka_unit_test_setup_teardown(what_is_beside_or_above_is_not_reached, set_up,
						scratch_tear_down),
		cmocka_unit_test(mounts_that_are_none_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
