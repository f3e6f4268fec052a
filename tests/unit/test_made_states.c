/* SPDX-License-Identifier: BSD-3-Clause */
/* State directories that the hook makes: what they are known by, and who removes them. */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/host/file_id.h"
#include "runtime/host/made_for.h"
#include "runtime/host/made_list.h"
#include "runtime/host/state_path.h"
#include "runtime/life/teardown.h"
#include "runtime/server/launch.h"
#include "util/cleanup.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/lock_file.h"

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

/* What somebody who owns the parent does when the directory has just been made; NULL: nothing. */
/* Who was started by hand knows nothing of containers' locks. */
static void a_state_that_is_served_by_hand_stays(void **state)
{
	struct file_id id = { 0 };
	int dir, lock;

	(void)state;
	assert_int_equal(state_path_make("state", NULL, "abcdef-c1", &id, NULL), 0);
	scratch_write("state/tpm", "x", 1);
	dir = open("state", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir >= 0);
	assert_int_equal(flock(dir, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(state_path_remove_made("state", NULL, NULL), -EBUSY);
	assert_int_equal(flock(dir, LOCK_UN), 0);
	lock = lock_file_try(dir, ".lock");
	assert_true(lock >= 0);
	assert_int_equal(state_path_remove_made("state", NULL, NULL), -EBUSY);
	assert_true(scratch_exists("state/tpm"));
	(void)close(lock);
	(void)close(dir);
	assert_int_equal(state_path_remove_made("state", NULL, NULL), 0);
	assert_false(scratch_exists("state"));
}

static void a_mark_that_was_taken_off_keeps_the_state(void **state)
{
	struct file_id id = { 0 };
	struct made_for mark;

	(void)state;
	assert_int_equal(state_path_make("state", NULL, "abcdef-c1", &id, NULL), 0);
	scratch_write("state/tpm", "x", 1);
	assert_int_equal(state_path_unmark("state"), 0);
	assert_int_equal(state_path_unmark("state"), 0);
	assert_int_equal(state_path_mark("state", &mark), -ENOENT);
	assert_int_equal(state_path_remove_made("state", NULL, NULL), -ENOTEMPTY);
	assert_true(scratch_exists("state/tpm"));
}

static void (*when_made)(void);
static bool is_anothers;

int __real_make_dir(int dir_fd, const char *name, mode_t mode);
int __wrap_make_dir(int dir_fd, const char *name, mode_t mode);
int __wrap_make_dir(int dir_fd, const char *name, mode_t mode)
{
	int r = __real_make_dir(dir_fd, name, mode);

	if (when_made != NULL)
		when_made();
	return r;
}

/* Only root can give a directory away: it is us who are somebody else. */
uid_t __real_geteuid(void);
uid_t __wrap_geteuid(void);
uid_t __wrap_geteuid(void)
{
	return __real_geteuid() + (is_anothers ? 1 : 0);
}

static int forget_others(void **state)
{
	when_made = NULL;
	is_anothers = false;
	return scratch_tear_down(state);
}

static void assert_not_taken(void)
{
	struct file_id id = { 0 };
	struct error err = { "" };

	assert_int_equal(state_path_make("state", NULL, "abcdef-c1", &id, &err), -ESTALE);
	assert_string_equal(err.text, "state is not the directory that was made for the vTPM");
	assert_false(file_id_known(&id));
	assert_int_equal(access("state/.made-for", F_OK), -1);
}

static void move_a_full_one_in(void)
{
	assert_int_equal(rename("state", "made"), 0);
	assert_int_equal(rename("full", "state"), 0);
}

static void a_full_directory_in_the_place_of_the_made_one_is_not_taken(void **state)
{
	(void)state;
	assert_int_equal(mkdir("full", 0700), 0);
	scratch_write("full/.hidden", "x", 1);
	when_made = move_a_full_one_in;
	assert_not_taken();
	assert_int_equal(access("state/.hidden", F_OK), 0);
}

static void the_directory_of_another_user_in_its_place_is_not_taken(void **state)
{
	(void)state;
	is_anothers = true;
	assert_not_taken();
}

static void a_state_that_cannot_be_removed_is_told_and_the_others_go(void **state)
{
	static const char *const names[] = { "a", "b", "c" };
	const struct server_programs programs = { .run_dir = *state, .lib_dir = *state };
	struct error err = { "" };
	size_t count = 0;
	int lock;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct file_id id = { 0 };
		char mark[16];

		(void)snprintf(mark, sizeof(mark), "%s/.made-for", names[i]);
		assert_int_equal(
			state_path_make(scratch_path(names[i]), NULL, "abcdef-c1", &id, NULL), 0);
		scratch_write(mark, "abcdef-c1\n" BOOT "\n", strlen("abcdef-c1\n" BOOT "\n"));
		assert_int_equal(made_list_add(*state, scratch_path(names[i])), 0);
	}
	lock = open("b", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	assert_int_equal(states_prune(&programs, &count, &err), -EBUSY);
	assert_non_null(strstr(err.text, "container abcdef-c1, which is no more: "));
	assert_int_equal(count, 2);
	assert_true(scratch_exists("b"));
	(void)close(lock);
	assert_int_equal(states_prune(&programs, &count, NULL), 0);
	assert_int_equal(count, 3);
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
		IN_SCRATCH(a_state_that_is_served_by_hand_stays),
		IN_SCRATCH(a_mark_that_was_taken_off_keeps_the_state),
		cmocka_unit_test_setup_teardown(
			a_full_directory_in_the_place_of_the_made_one_is_not_taken, scratch_set_up,
			forget_others),
		cmocka_unit_test_setup_teardown(
			the_directory_of_another_user_in_its_place_is_not_taken, scratch_set_up,
			forget_others),
		IN_SCRATCH(a_state_that_cannot_be_removed_is_told_and_the_others_go),
		IN_SCRATCH(the_list_has_what_was_added_and_not_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
