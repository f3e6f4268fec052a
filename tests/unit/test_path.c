/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/error.h"
#include "util/path.h"

static void assert_split(const char *path, const char *dir, const char *name)
{
	char got[PATH_MAX];
	const char *rest;

	assert_int_equal(split_path(path, got, &rest), 0);
	assert_string_equal(got, dir);
	assert_string_equal(rest, name);
	assert_true(rest >= path && rest <= path + strlen(path));
}

static void a_path_is_a_directory_and_a_name(void **state)
{
	(void)state;
	assert_split("/a/b/c", "/a/b", "c");
	assert_split("a/c", "a", "c");
	assert_split("c", ".", "c");
	assert_split("/c", "/", "c");
	assert_split("./c", ".", "c");
	assert_split("a//c", "a/", "c");
}

static void a_path_without_a_name_is_refused(void **state)
{
	char dir[PATH_MAX];
	const char *name;

	(void)state;
	assert_int_equal(split_path("", dir, &name), -EINVAL);
	assert_int_equal(split_path("/", dir, &name), -EINVAL);
	assert_int_equal(split_path("a/", dir, &name), -EINVAL);
}

static void the_longest_directory_has_room(void **state)
{
	char path[PATH_MAX + 3], dir[PATH_MAX];
	const char *name;

	(void)state;
	memset(path, 'a', sizeof(path));
	strcpy(path + PATH_MAX - 1, "/b");
	assert_int_equal(split_path(path, dir, &name), 0);
	assert_int_equal(strlen(dir), PATH_MAX - 1);
	strcpy(path + PATH_MAX - 1, "a/b");
	assert_int_equal(split_path(path, dir, &name), -ENAMETOOLONG);
}

static void a_relative_path_is_beneath_the_current_directory(void **state)
{
	const char *path = "a/b";
	cleanup_free char *owned = NULL;

	(void)state;
	assert_int_equal(chdir("/usr"), 0);
	assert_int_equal(path_make_absolute(&path, &owned), 0);
	assert_string_equal(path, "/usr/a/b");
	assert_ptr_equal(path, owned);
}

static void an_absolute_path_stays_as_it_is(void **state)
{
	const char *const given = "/a/b", *path = given;
	char *owned;

	(void)state;
	assert_int_equal(path_make_absolute(&path, &owned), 0);
	assert_ptr_equal(path, given);
	assert_null(owned);
}

static void those_of_several_paths_that_are_not_given_stay_so(void **state)
{
	const char *first = "a", *none = NULL, *last = "/b";
	const char **const paths[] = { &first, NULL, &none, &last };
	char *owned[4] = { NULL };

	(void)state;
	assert_int_equal(chdir("/usr"), 0);
	assert_int_equal(paths_make_absolute(paths, owned, 4, NULL), 0);
	assert_string_equal(first, "/usr/a");
	assert_ptr_equal(first, owned[0]);
	assert_null(none);
	assert_string_equal(last, "/b");
	for (size_t i = 1; i < 4; i++)
		assert_null(owned[i]);
	free(owned[0]);
}

static void the_path_that_cannot_be_made_absolute_is_named(void **state)
{
	const char *first = "/a", *second = "b";
	const char **const paths[] = { &first, &second };
	char *owned[2] = { NULL };
	struct error err = { "" };

	assert_int_equal(rmdir(*state), 0);
	assert_int_equal(paths_make_absolute(paths, owned, 2, &err), -ENOENT);
	assert_string_equal(err.text, "b: No such file or directory");
	assert_string_equal(second, "b");
	assert_null(owned[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_a_directory_and_a_name),
		cmocka_unit_test(a_path_without_a_name_is_refused),
		cmocka_unit_test(the_longest_directory_has_room),
		cmocka_unit_test(a_relative_path_is_beneath_the_current_directory),
		cmocka_unit_test(an_absolute_path_stays_as_it_is),
		cmocka_unit_test(those_of_several_paths_that_are_not_given_stay_so),
		cmocka_unit_test_setup_teardown(the_path_that_cannot_be_made_absolute_is_named,
						scratch_set_up, scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
