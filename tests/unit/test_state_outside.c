/* SPDX-License-Identifier: BSD-3-Clause */
/* What somebody else does to a state: to its files, its lock and its identity. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/faults.h"
#include "tests/unit/scratch.h"
#include "tests/unit/state_fixture.h"
#include "tpm/state/format.h"
#include "tpm/state/holder.h"
#include "tpm/state/state.h"

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void expect_warning(struct state *opened, const char *expected)
{
	struct state_info info;
	char text[300];

	state_get_info(opened, &info);
	fixture_shorten(info.warning.text, text);
	assert_string_equal(text, expected);
}

/* Whatever happens to the file beneath a running TPM: the next store is whole and readable. */
static void a_changed_file_is_made_anew(void (*change)(void), const char *warning)
{
	cleanup_with(state_closep) struct state *opened = NULL;
	struct error err;

	fixture_tear_down(NULL);
	fixture_set_up(NULL);
	opened = fixture_open();
	for (uint8_t i = 1; i <= 3; i++)
		assert_int_equal(fixture_store(opened, i, 1000), 0);
	assert_int_equal(state_check(opened, &err), 0);
	change();
	assert_int_equal(state_check(opened, &err), -EBADMSG);
	change();
	assert_int_equal(fixture_store(opened, 4, 1000), 0);
	expect_warning(opened, warning);
	assert_int_equal(state_check(opened, &err), 0);
	assert_true(fixture_holds(opened, 4, 1000));
	assert_int_equal(fixture_store(opened, 5, 1000), 0);
	expect_warning(opened, "");
	state_close(take_ptr(opened));
	assert_int_equal(mode_of(fixture_file), 0600);
	opened = fixture_open();
	assert_true(fixture_holds(opened, 5, 1000));
}

static void remove_it(void)
{
	(void)unlink(fixture_file);
}

static void empty_it(void)
{
	assert_int_equal(truncate(fixture_file, 0), 0);
}

static void shorten_it(void)
{
	assert_int_equal(truncate(fixture_file, 100000), 0);
}

static void lengthen_it(void)
{
	assert_int_equal(truncate(fixture_file, 1 << 20), 0);
}

static void put_rubbish(void)
{
	scratch_write(fixture_file, "rubbish", 7);
}

static void link_it(void)
{
	(void)unlink(fixture_file);
	assert_int_equal(symlink("/dev/null", fixture_file), 0);
}

/* Of the same length, and within the clock's tick. */
static void overwrite(off_t offset)
{
	int fd = open(fixture_file, O_RDWR | O_CLOEXEC);

	assert_int_equal(pwrite(fd, "12345678", 8, offset), 8);
	(void)close(fd);
}

static void overwrite_header(void)
{
	overwrite(64);
}

static void overwrite_slots(void)
{
	overwrite(STATE_BLOCK + 8);
	overwrite(STATE_BLOCK + STATE_SLOT_FULL + 8);
}

static void a_file_that_was_changed_from_outside_is_stored_whole(void **state)
{
	(void)state;
	a_changed_file_is_made_anew(remove_it, "DIR/tpm.permanent was removed under the running "
					       "TPM; it was made anew");
	a_changed_file_is_made_anew(empty_it,
				    "DIR/tpm.permanent is cut off after 0 bytes; it was made anew");
	a_changed_file_is_made_anew(shorten_it, "DIR/tpm.permanent has 100000 bytes where its "
						"header says 528384; it was made anew");
	a_changed_file_is_made_anew(lengthen_it, "DIR/tpm.permanent has 1048576 bytes where its "
						 "header says 528384; it was made anew");
	a_changed_file_is_made_anew(put_rubbish,
				    "DIR/tpm.permanent is cut off after 7 bytes; it was made anew");
	a_changed_file_is_made_anew(link_it, "DIR/tpm.permanent was removed under the running "
					     "TPM; it was made anew");
	a_changed_file_is_made_anew(overwrite_header,
				    "DIR/tpm.permanent: the header is corrupt; it was made anew");
	a_changed_file_is_made_anew(overwrite_slots, "DIR/tpm.permanent is corrupt: neither of its "
						     "slots verifies; it was made anew");
}

/* Some of these are within the tick of the clock that the store before was in. */
static void a_change_right_behind_a_store_is_seen(void **state)
{
	cleanup_with(state_closep) struct state *opened = NULL;

	(void)state;
	fixture_options.sync = false;
	opened = fixture_open();
	for (uint8_t i = 1; i < 100; i++) {
		assert_int_equal(fixture_store(opened, i, 1000), 0);
		overwrite_slots();
		assert_int_equal(state_check(opened, NULL), -EBADMSG);
	}
}

static void an_older_copy_does_not_come_back(void **state)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();
	cleanup_free uint8_t *bytes = NULL;
	struct error err;
	char text[300];
	size_t len;

	(void)state;
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	scratch_read(fixture_file, &bytes, &len);
	assert_int_equal(fixture_store(opened, 2, 1000), 0);
	assert_int_equal(fixture_store(opened, 3, 1000), 0);
	scratch_write(fixture_file, bytes, len);
	assert_int_equal(state_check(opened, &err), -EBADMSG);
	fixture_shorten(err.text, text);
	assert_string_equal(text,
			    "DIR/tpm.permanent was replaced by an older one under the running TPM");
	assert_int_equal(fixture_store(opened, 4, 1000), 0);
	state_close(take_ptr(opened));
	opened = fixture_open();
	assert_true(fixture_holds(opened, 4, 1000));
}

static void a_touched_or_copied_file_goes_on(void **state)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();
	cleanup_free uint8_t *bytes = NULL;
	struct error err;
	size_t len;

	(void)state;
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	assert_int_equal(fixture_store(opened, 2, 1000), 0);
	assert_int_equal(chmod(fixture_file, 0644), 0);
	assert_int_equal(state_check(opened, &err), 0);
	assert_int_equal(mode_of(fixture_file), 0600);
	expect_warning(opened, "DIR/tpm.permanent was touched by somebody else; it holds what was "
			       "stored");
	scratch_read(fixture_file, &bytes, &len);
	scratch_write(scratch_path("copy"), bytes, len);
	assert_int_equal(rename(scratch_path("copy"), fixture_file), 0);
	assert_int_equal(fixture_store(opened, 3, 1000), 0);
	assert_int_equal(state_check(opened, &err), 0);
	state_close(take_ptr(opened));
	opened = fixture_open();
	assert_true(fixture_holds(opened, 3, 1000));
}

static void expect_no_store(struct state *opened, const char *expected)
{
	uint64_t digest = scratch_digest(fixture_dir);
	struct state_info info;
	struct error err;
	char text[300];

	assert_int_equal(state_check(opened, &err), -ESTALE);
	state_get_info(opened, &info);
	assert_string_equal(info.degraded.text, err.text);
	assert_int_equal(fixture_store(opened, 9, 1000), -ESTALE);
	fixture_shorten(state_last_error(opened), text);
	assert_string_equal(text, expected);
	assert_true(scratch_digest(fixture_dir) == digest);
}

static void another_tpms_file_is_not_written_over(void **state)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();
	cleanup_free uint8_t *bytes = NULL;
	size_t len;

	(void)state;
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	scratch_read(fixture_file, &bytes, &len);
	state_close(take_ptr(opened));
	assert_int_equal(unlink(fixture_file), 0);
	fixture_options.new_identity = true;
	opened = fixture_open();
	fixture_options.new_identity = false;
	assert_int_equal(fixture_store(opened, 2, 1000), 0);
	scratch_write(fixture_file, bytes, len);
	expect_no_store(opened, "DIR/tpm.permanent was replaced by another TPM's under the running "
				"TPM");
}

/* A second process that got the directory in spite of all locks. */
static void what_somebody_else_stored_is_not_written_over(void **state)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();
	cleanup_free uint8_t *before = NULL, *after = NULL;
	size_t len;

	(void)state;
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	scratch_read(fixture_file, &before, &len);
	state_close(take_ptr(opened));
	opened = fixture_open();
	assert_int_equal(fixture_store(opened, 2, 1000), 0);
	scratch_read(fixture_file, &after, &len);
	state_close(take_ptr(opened));
	scratch_write(fixture_file, before, len);
	opened = fixture_open();
	scratch_write(fixture_file, after, len);
	expect_no_store(opened, "DIR/tpm.permanent was stored by another process");
	assert_int_equal(unlink(fixture_file), 0);
	assert_int_equal(fixture_store(opened, 3, 1000), 0);
}

static void a_removed_lock_is_made_again(void **state)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();
	struct error err;

	(void)state;
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	assert_int_equal(unlink(scratch_path("tpm/.lock")), 0);
	fixture_in_use(getpid());
	assert_false(scratch_exists(scratch_path("tpm/.lock")));
	assert_int_equal(state_check(opened, &err), 0);
	expect_warning(opened, "the lock of DIR was removed; it was made anew");
	assert_true(scratch_exists(scratch_path("tpm/.lock")));
	assert_int_equal(fixture_store(opened, 2, 1000), 0);
}

static void who_finds_it_in_use_is_told_of_the_device(void **state)
{
	cleanup_with(state_closep) struct state *opened = NULL, *second = NULL;
	char expected[200], text[300];
	struct error err;

	(void)state;
	opened = fixture_open();
	fixture_in_use(getpid());
	assert_int_equal(state_settle(opened, "tpm7"), 0);
	(void)snprintf(
		expected, sizeof(expected),
		"DIR is in use by process %d, which serves /dev/tpm7: vtpm-ctl stop tpm7 ends it",
		getpid());
	assert_int_equal(state_open(&fixture_options, &second, &err), -EBUSY);
	fixture_shorten(err.text, text);
	assert_string_equal(text, expected);
	/* What an earlier holder has left there is not believed of another one. */
	scratch_write(scratch_path("tpm/.lock"), "1 tpm8\n", 7);
	fixture_in_use(getpid());
}

static void assert_no_holder(const char *text)
{
	struct holder holder;

	assert_int_equal(holder_parse(text, strlen(text), &holder), -EINVAL);
}

static void a_holder_is_a_process_and_a_name(void **state)
{
	struct holder holder;

	(void)state;
	assert_int_equal(holder_parse("2147483647 tpm-a.b\n", 19, &holder), 0);
	assert_int_equal(holder.pid, 2147483647);
	assert_string_equal(holder.name, "tpm-a.b");
	assert_no_holder("");
	assert_no_holder("1 a");
	assert_no_holder("1 \n");
	assert_no_holder(" a\n");
	assert_no_holder("0 a\n");
	assert_no_holder("2147483648 a\n");
	assert_no_holder("99999999999999999999 a\n");
	assert_no_holder("-1 a\n");
	assert_no_holder("1 a/b\n");
	assert_no_holder("1 a b\n");
	assert_no_holder("1 a\033b\n");
	assert_no_holder("1 a\nb\n");
	assert_no_holder("1 \xc3\xa4\n");
}

/* As swtpm does, which looks at the file alone. */
static void a_lock_that_another_process_has_now_stops_all_stores(void **state)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd;

	(void)state;
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	assert_int_equal(unlink(scratch_path("tpm/.lock")), 0);
	fd = open(scratch_path("tpm/.lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &whole), 0);
	expect_no_store(opened, "DIR/.lock was removed, and another process has it now");
	(void)close(fd);
	assert_int_equal(fixture_store(opened, 2, 1000), 0);
}

static void move(const char *from, const char *to)
{
	assert_int_equal(rename(scratch_path(from), scratch_path(to)), 0);
}

static void a_directory_that_is_moved_stops_all_stores_until_it_is_back(void **state)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();
	struct error err;
	char text[300];

	(void)state;
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	move("tpm", "elsewhere");
	assert_int_equal(state_check(opened, &err), 0);
	move("elsewhere", "tpm");
	assert_int_equal(state_settle(opened, "tpm7"), 0);
	assert_int_equal(state_check(opened, &err), 0);
	move("tpm", "elsewhere");
	assert_int_equal(state_check(opened, &err), -ESTALE);
	fixture_shorten(err.text, text);
	assert_string_equal(text, "DIR was moved away under the running TPM");
	assert_int_equal(fixture_store(opened, 2, 1000), -ESTALE);
	assert_string_equal(state_last_error(opened), err.text);
	move("elsewhere", "tpm");
	assert_int_equal(state_check(opened, &err), 0);
	assert_int_equal(fixture_store(opened, 3, 1000), 0);
}

static void so_does_a_directory_above_that_is_moved(void **state)
{
	cleanup_with(state_closep) struct state *opened = NULL;
	char path[250];
	struct error err;

	(void)state;
	assert_int_equal(mkdir(scratch_path("above"), 0700), 0);
	(void)snprintf(path, sizeof(path), "%s", scratch_path("above/tpm"));
	fixture_options.dir = path;
	opened = fixture_open();
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	assert_int_equal(state_settle(opened, "tpm7"), 0);
	move("above", "beyond");
	assert_int_equal(state_check(opened, &err), -ESTALE);
	move("beyond", "above");
	assert_int_equal(state_check(opened, &err), 0);
}

/* Another TPM's state, under the same key, in the place of the directory's own. */
static void states_cannot_be_swapped(void **state)
{
	cleanup_with(state_closep) struct state *opened = NULL;
	cleanup_free uint8_t *other = NULL;
	struct state_info info;
	uint8_t id[STATE_ID_SIZE];
	uint64_t digest;
	size_t len;

	(void)state;
	fixture_fill(1000);
	scratch_read(fixture_file, &other, &len);
	fixture_tear_down(NULL);
	fixture_set_up(NULL);
	fixture_fill(500);
	opened = fixture_open();
	state_get_info(opened, &info);
	memcpy(id, info.id, sizeof(id));
	state_close(take_ptr(opened));
	scratch_write(fixture_file, other, len);
	digest = scratch_digest(fixture_dir);
	fixture_refused(-ESTALE,
			"DIR/tpm.permanent is of another TPM than the directory's: put its own "
			"back, or accept the other one with --new-identity");
	assert_true(scratch_digest(fixture_dir) == digest);

	fixture_options.new_identity = true;
	opened = fixture_open();
	assert_true(fixture_holds(opened, 2, 1000));
	state_close(take_ptr(opened));
	fixture_options.new_identity = false;
	opened = fixture_open();
	state_close(take_ptr(opened));

	fixture_options.expect_id = id;
	fixture_refused(-ESTALE, "DIR holds another TPM than is expected");
}

static void a_tpm_that_is_expected_is_not_made(void **state)
{
	cleanup_with(state_closep) struct state *opened = NULL;
	struct state_info info;

	(void)state;
	fixture_options.expect_id = (const uint8_t *)"0123456789abcdef";
	fixture_refused(-ENOENT, "DIR holds no TPM");
	fixture_options.expect_id = NULL;
	fixture_fill(500);
	opened = fixture_open();
	state_get_info(opened, &info);
	state_close(take_ptr(opened));
	fixture_options.expect_id = info.id;
	opened = fixture_open();
}

/* Not even the id in a header can be changed: the key is the TPM's. */
static void a_state_is_sealed_for_its_tpm(void **state)
{
	cleanup_free uint8_t *bytes = NULL;
	struct state_header header;
	size_t len;

	(void)state;
	fixture_fill(500);
	scratch_read(fixture_file, &bytes, &len);
	assert_int_equal(state_header_parse(bytes, &header, NULL), 0);
	header.id[0] ^= 1;
	assert_int_equal(state_header_build(&header, bytes), 0);
	scratch_write(fixture_file, bytes, len);
	assert_int_equal(unlink(scratch_path("tpm/tpm.identity")), 0);
	fixture_refused(-EKEYREJECTED, "DIR/tpm.permanent: wrong key");
}

/* What cannot be read may have said anything. */
static void an_unreadable_identity_stops_the_start(void **state)
{
	(void)state;
	fixture_fill(500);
	assert_int_equal(unlink(scratch_path("tpm/tpm.identity")), 0);
	assert_int_equal(mkdir(scratch_path("tpm/tpm.identity"), 0700), 0);
	fixture_refused(-EISDIR, "read DIR/tpm.identity: Is a directory");
	assert_int_equal(unlink(fixture_file), 0);
	fixture_options.new_identity = true;
	fixture_options.key = fixture_keys[KEY_PLAIN];
	fixture_refused(-EKEYREJECTED,
			"DIR held an encrypted TPM, which a plain one does not replace");
}

static int set_up(void **state)
{
	fault_memory(false);
	return fixture_set_up(state);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(a_file_that_was_changed_from_outside_is_stored_whole),
		TEST(a_change_right_behind_a_store_is_seen),
		TEST(an_older_copy_does_not_come_back),
		TEST(a_touched_or_copied_file_goes_on),
		TEST(another_tpms_file_is_not_written_over),
		TEST(what_somebody_else_stored_is_not_written_over),
		TEST(a_removed_lock_is_made_again),
		TEST(who_finds_it_in_use_is_told_of_the_device),
		TEST(a_holder_is_a_process_and_a_name),
		TEST(a_directory_that_is_moved_stops_all_stores_until_it_is_back),
		TEST(so_does_a_directory_above_that_is_moved),
		TEST(a_lock_that_another_process_has_now_stops_all_stores),
		TEST(states_cannot_be_swapped),
		TEST(a_tpm_that_is_expected_is_not_made),
		TEST(a_state_is_sealed_for_its_tpm),
		TEST(an_unreadable_identity_stops_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
