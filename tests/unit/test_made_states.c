/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/host/file_id.h"
#include "runtime/host/made_for.h"
#include "runtime/host/made_list.h"
#include "runtime/host/state_path.h"
#include "util/cleanup.h"

#define BOOT "01234567-89ab-cdef-0123-456789abcdef"

static void a_mark_is_two_lines_and_no_path(void **state)
{
	static const char *const bad[] = {
		"",
		"c",
		"c\n",
		"\n" BOOT "\n",
		"c\n" BOOT,
		"c\n" BOOT "x\n",
		"c\n" BOOT "\n\n",
		"a/c\n" BOOT "\n",
	};
	struct made_for mark;

	(void)state;
	assert_int_equal(made_for_parse("abcdef-c1\n" BOOT "\n", &mark), 0);
	assert_string_equal(mark.container, "abcdef-c1");
	assert_string_equal(mark.boot, BOOT);
	assert_false(made_for_this_boot(&mark));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(made_for_parse(bad[i], &mark), -EINVAL);
}

static void a_state_says_for_whom_it_was_made(void **state)
{
	struct file_id id = { 0 };
	struct made_for mark;

	(void)state;
	assert_int_equal(state_path_make("state", NULL, "abcdef-c1", &id, NULL), 0);
	assert_int_equal(state_path_mark("state", &mark), 0);
	assert_string_equal(mark.container, "abcdef-c1");
	assert_true(made_for_this_boot(&mark));
	assert_false(state_path_is_used("state"));

	assert_int_equal(state_path_make("kept", NULL, NULL, &id, NULL), 0);
	assert_int_equal(state_path_mark("kept", &mark), -ENOENT);
	assert_int_equal(state_path_mark("missing", &mark), -ENOENT);
}

static void only_a_state_with_the_mark_is_removed_by_it(void **state)
{
	struct file_id id = { 0 };

	(void)state;
	assert_int_equal(state_path_make("state", NULL, "abcdef-c1", &id, NULL), 0);
	scratch_write("state/tpm.permanent", "x", 1);
	assert_int_equal(state_path_remove_made("state", "abcdef-c2", NULL), -ENOTEMPTY);
	assert_int_equal(state_path_remove_made("state", "abcdef-c1", NULL), 0);
	assert_int_equal(access("state", F_OK), -1);

	assert_int_equal(mkdir("other", 0700), 0);
	scratch_write("other/file", "x", 1);
	assert_int_equal(state_path_remove_made("other", NULL, NULL), -ENOTEMPTY);
	assert_int_equal(symlink("nowhere", "other/.made-for"), 0);
	assert_int_equal(state_path_remove_made("other", NULL, NULL), -ENOTEMPTY);
}

static void a_marked_state_that_somebody_serves_stays(void **state)
{
	struct file_id id = { 0 };
	int lock_fd = -1;

	(void)state;
	assert_int_equal(state_path_make("state", NULL, "abcdef-c1", &id, NULL), 0);
	assert_int_equal(state_path_lock("state", &id, &lock_fd, NULL), 0);
	assert_int_equal(state_path_remove_made("state", NULL, NULL), -EBUSY);
	(void)close(lock_fd);
	assert_int_equal(state_path_remove_made("state", NULL, NULL), 0);
}

static void note(const char *path, void *context)
{
	char *text = context;

	(void)sprintf(text + strlen(text), "%s ", path);
}

static void the_list_has_what_was_added_and_not_removed(void **state)
{
	char text[256] = "";

	(void)state;
	made_list_each("lib", note, text);
	made_list_remove("lib", "/a");
	assert_int_equal(made_list_add("lib", "/a"), 0);
	assert_int_equal(made_list_add("lib", "/b"), 0);
	assert_int_equal(made_list_add("lib", "/a"), 0);
	made_list_remove("lib", "/b");
	scratch_write("lib/made/odd", "/etc", 4);
	assert_int_equal(mkfifo("lib/made/fifo", 0600), 0);
	made_list_each("lib", note, text);
	assert_string_equal(text, "/a ");
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_set_up, scratch_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mark_is_two_lines_and_no_path),
		IN_SCRATCH(a_state_says_for_whom_it_was_made),
		IN_SCRATCH(only_a_state_with_the_mark_is_removed_by_it),
		IN_SCRATCH(a_marked_state_that_somebody_serves_stays),
		IN_SCRATCH(the_list_has_what_was_added_and_not_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
