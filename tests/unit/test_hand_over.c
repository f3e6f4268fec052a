/* SPDX-License-Identifier: BSD-3-Clause */
/* tpm/state/hand_over.c: what changes hands with a state directory, and what does not. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/scratch.h"
#include "tpm/state/dir.h"
#include "tpm/state/hand_over.h"
#include "util/error.h"
#include "util/uid_range.h"

#define OURS 1879048200

static const struct uid_range range = { 3000000000, 3000000009 };

static struct state_dir dir;

/* tpm/ with a TPM, of root's; giving files away takes root. */
static int set_up(void **state)
{
	static const char *const files[] = { "tpm/.lock",        "tpm/tpm.permanent",
					     "tpm/tpm.identity", "tpm/.tpm.volatile.0123",
					     "tpm/.runc-lock",   "tpm/.made-for",
					     "tpm/notes",        "tpm/tpm.volatile" };

	assert_int_equal(scratch_set_up(state), 0);
	assert_int_equal(mkdir("tpm", 0700), 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		scratch_write(files[i], files[i], strlen(files[i]));
	dir = (struct state_dir){ .uid = OURS, .gid = OURS, .take_from = &range };
	return geteuid() == 0 ? state_dir_open(&dir, "tpm", false, NULL) : 0;
}

static int tear_down(void **state)
{
	state_dir_done(&dir);
	return scratch_tear_down(state);
}

static uid_t owner(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_uid, st.st_gid);
	return st.st_uid;
}

static bool is_root(void)
{
	if (geteuid() != 0)
		print_message("needs root\n");
	return geteuid() == 0;
}

static void the_files_of_a_tpm_change_hands_and_no_others(void **state)
{
	uid_t before = 1;

	(void)state;
	if (!is_root())
		skip();
	assert_int_equal(symlink("/etc/passwd", "tpm/tpm.link"), 0);
	assert_int_equal(mkfifo("tpm/tpm.fifo", 0600), 0);
	assert_int_equal(state_hand_over(&dir, &before, NULL), 0);
	assert_int_equal(before, 0);
	assert_int_equal(owner("tpm"), OURS);
	assert_int_equal(owner("tpm/.lock"), OURS);
	assert_int_equal(owner("tpm/tpm.permanent"), OURS);
	assert_int_equal(owner("tpm/tpm.identity"), OURS);
	assert_int_equal(owner("tpm/tpm.volatile"), OURS);
	assert_int_equal(owner("tpm/.tpm.volatile.0123"), OURS);
	assert_int_equal(owner("tpm/.runc-lock"), 0);
	assert_int_equal(owner("tpm/.made-for"), 0);
	assert_int_equal(owner("tpm/notes"), 0);
	assert_int_equal(owner("tpm/tpm.link"), 0);
	assert_int_equal(owner("tpm/tpm.fifo"), 0);
	assert_int_equal(owner("/etc/passwd"), 0);
}

/* *UID's is taken, and all of it; or nothing changes and ERRNO is why. */
static void taken(uid_t uid, int expected)
{
	uint64_t digest;
	uid_t before;

	assert_int_equal(chown("tpm/tpm.volatile", uid, uid), 0);
	assert_int_equal(chown("tpm", uid, uid), 0);
	digest = scratch_digest("tpm");
	assert_int_equal(state_hand_over_check(&dir, NULL), expected);
	assert_true(scratch_digest("tpm") == digest);
	assert_int_equal(state_hand_over(&dir, &before, NULL), expected);
	if (expected != 0)
		assert_true(scratch_digest("tpm") == digest);
	else
		assert_int_equal(before, uid);
	assert_int_equal(owner("tpm"), expected == 0 ? OURS : uid);
	assert_int_equal(owner("tpm/tpm.volatile"), expected == 0 ? OURS : uid);
}

static void they_are_taken_from_roots_and_servers_users_only(void **state)
{
	(void)state;
	if (!is_root())
		skip();
	taken(0, 0);
	taken(OURS, 0);
	taken(range.first, 0);
	taken(range.last, 0);
	taken(uid_range_default.first, 0);
	taken(uid_range_default.last, 0);
	taken(range.first - 1, -EPERM);
	taken(range.last + 1, -EPERM);
	taken(1234, -EPERM);
	dir.take_from = &uid_range_all;
	taken(1234, 0);
}

static void refused(const char *text)
{
	const uint64_t digest = scratch_digest(".");
	struct error err = { "" };
	uid_t before;

	assert_int_equal(state_hand_over_check(&dir, &err), -EPERM);
	assert_string_equal(err.text, text);
	assert_int_equal(state_hand_over(&dir, &before, &err), -EPERM);
	assert_string_equal(err.text, text);
	assert_true(scratch_digest(".") == digest);
}

static void a_file_with_another_name_may_be_anybodys(void **state)
{
	(void)state;
	if (!is_root())
		skip();
	scratch_write("secret", "secret", 6);
	assert_int_equal(link("secret", "tpm/tpm.other"), 0);
	refused("tpm/tpm.other has another name, too: it may be anybody's");
	assert_int_equal(unlink("secret"), 0);
	assert_int_equal(state_hand_over_check(&dir, NULL), 0);
}

static void one_file_of_another_users_is_enough(void **state)
{
	(void)state;
	if (!is_root())
		skip();
	assert_int_equal(chown("tpm/tpm.identity", 1234, 1234), 0);
	refused("tpm/tpm.identity belongs to user 1234, whose states are not taken over: see "
		"vtpm-setup chown");
}

static void a_directory_of_other_things_is_not_given_away(void **state)
{
	(void)state;
	if (!is_root())
		skip();
	assert_int_equal(unlink("tpm/tpm.permanent"), 0);
	assert_int_equal(state_hand_over_check(&dir, NULL), 0);
	assert_int_equal(mkdir("tpm/lost+found", 0700), 0);
	assert_int_equal(state_hand_over_check(&dir, NULL), 0);
	assert_int_equal(mkdir("tpm/more", 0700), 0);
	refused("tpm has more in it, which is no part of a TPM: it is not given to user "
		"1879048200");
	assert_int_equal(rmdir("tpm/more"), 0);
	assert_int_equal(state_hand_over_check(&dir, NULL), 0);
}

/* As one that was killed has left it: between any two files, the directory being root's. */
static void what_was_begun_is_finished(void **state)
{
	uid_t before;

	(void)state;
	if (!is_root())
		skip();
	assert_int_equal(chown("tpm/tpm.identity", range.first, range.first), 0);
	assert_int_equal(chown("tpm/tpm.permanent", OURS, OURS), 0);
	assert_int_equal(state_hand_over(&dir, &before, NULL), 0);
	assert_int_equal(owner("tpm"), OURS);
	assert_int_equal(owner("tpm/tpm.identity"), OURS);
	assert_int_equal(owner("tpm/tpm.volatile"), OURS);
}

/* Whose group could change names in there while files are given. */
static void a_group_that_could_write_can_no_more(void **state)
{
	struct stat st;
	uid_t before;

	(void)state;
	if (!is_root())
		skip();
	assert_int_equal(chmod("tpm", 0770), 0);
	assert_int_equal(state_hand_over(&dir, &before, NULL), 0);
	assert_int_equal(stat("tpm", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		IN_SCRATCH(the_files_of_a_tpm_change_hands_and_no_others),
		IN_SCRATCH(they_are_taken_from_roots_and_servers_users_only),
		IN_SCRATCH(a_file_with_another_name_may_be_anybodys),
		IN_SCRATCH(one_file_of_another_users_is_enough),
		IN_SCRATCH(a_directory_of_other_things_is_not_given_away),
		IN_SCRATCH(what_was_begun_is_finished),
		IN_SCRATCH(a_group_that_could_write_can_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
