/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/faults.h"
#include "tests/unit/scratch.h"
#include "tests/unit/state_fixture.h"
#include "tpm/state/blob.h"
#include "tpm/state/dir.h"
#include "tpm/state/format.h"
#include "tpm/state/state.h"
#include "util/error.h"

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void a_directory_is_made_for_a_tpm_and_not_for_nothing(void **state)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();
	struct tpm_storage storage = state_storage(opened);
	uint8_t *data = NULL;
	size_t len;

	(void)state;
	assert_int_equal(mode_of(fixture_dir), 0700);
	assert_int_equal(storage.load(storage.context, BLOB_PERMANENT, &data, &len), -ENOENT);
	assert_string_equal(state_last_error(opened), "");
	assert_false(scratch_exists(fixture_file));
	state_close(take_ptr(opened));
	assert_false(scratch_exists(fixture_dir));
	opened = fixture_open();
	assert_int_equal(fixture_store(opened, 1, 100), 0);
	state_close(take_ptr(opened));
	assert_int_equal(mode_of(fixture_file), 0600);
	assert_int_equal(mode_of(scratch_path("tpm/.lock")), 0600);
	assert_int_equal(mode_of(scratch_path("tpm/tpm.identity")), 0600);
}

static void what_was_stored_is_there_again_for_each_kind_of_key(void **state)
{
	(void)state;
	for (int kind = 0; kind < KEY_KINDS; kind++) {
		cleanup_with(state_closep) struct state *opened = NULL;
		struct state_info info;

		scratch_remove();
		fixture_tear_down(NULL);
		fixture_set_up(NULL);
		fixture_options.key = fixture_keys[kind];
		fixture_fill(2000);
		opened = fixture_open();
		assert_true(fixture_holds(opened, 2, 2000));
		state_get_info(opened, &info);
		assert_string_equal(info.encryption, key_kind_name((enum key_kind)kind));
		assert_true(info.generation == 2);
		assert_int_equal(info.stores, 0);
		assert_int_equal(info.version, TPM_VERSION_2);
		assert_true(info.created > 1600000000);
		assert_string_equal(info.warning.text, "");
	}
}

static void a_wrong_key_is_told_and_changes_nothing(void **state)
{
	cleanup_with(state_key_freep) struct state_key *other = NULL;
	uint64_t digest;

	(void)state;
	fixture_fill(500);
	digest = scratch_digest(fixture_dir);
	assert_int_equal(state_key_from_bytes(KEY_RAW, "01234567890123456789012345678901\xff", 32,
					      "x", &other, NULL),
			 -EINVAL);
	assert_int_equal(state_key_from_bytes(KEY_RAW, "x1234567890123456789012345678901", 32, "x",
					      &other, NULL),
			 0);
	fixture_options.key = other;
	fixture_refused(-EKEYREJECTED, "DIR/tpm.permanent: wrong key");
	assert_true(scratch_digest(fixture_dir) == digest);
}

static void a_wrong_password_is_told(void **state)
{
	cleanup_with(state_key_freep) struct state_key *other = NULL;

	(void)state;
	fixture_options.key = fixture_keys[KEY_PASSWORD];
	fixture_fill(500);
	assert_int_equal(state_key_from_bytes(KEY_PASSWORD, "Secret", 6, "x", &other, NULL), 0);
	fixture_options.key = other;
	fixture_refused(-EKEYREJECTED, "DIR/tpm.permanent: wrong password");
}

static void another_kind_of_key_is_told_which_it_must_be(void **state)
{
	static const char *const texts[KEY_KINDS] = {
		"the state in DIR is plain: it opens with --plain only",
		"the state in DIR is encrypted with a password: give --password",
		"the state in DIR is encrypted with a key: give --key",
		("the state in DIR is encrypted with the host key: leave out --key, --password and "
		 "--plain"),
	};

	(void)state;
	for (int kind = 0; kind < KEY_KINDS; kind++) {
		uint64_t digest;

		fixture_tear_down(NULL);
		fixture_set_up(NULL);
		fixture_options.key = fixture_keys[kind];
		fixture_fill(500);
		digest = scratch_digest(fixture_dir);
		for (int other = 0; other < KEY_KINDS; other++) {
			fixture_options.key = fixture_keys[other];
			if (other != kind)
				fixture_refused(-EKEYREJECTED, texts[kind]);
		}
		assert_true(scratch_digest(fixture_dir) == digest);
	}
}

static void a_lost_host_key_is_not_made_anew(void **state)
{
	char text[300];

	(void)state;
	fixture_options.key = fixture_keys[KEY_HOST];
	fixture_fill(500);
	assert_int_equal(unlink(scratch_path("host/host.key")), 0);
	(void)snprintf(text, sizeof(text), "the state in DIR: the host key %s is gone: put it back",
		       scratch_path("host/host.key"));
	fixture_refused(-ENOKEY, text);
	assert_false(scratch_exists(scratch_path("host/host.key")));
}

static void the_other_tpm_version_is_refused(void **state)
{
	(void)state;
	fixture_fill(500);
	fixture_options.version = TPM_VERSION_1_2;
	fixture_refused(-EMEDIUMTYPE, "DIR holds a TPM 2.0, not a TPM 1.2");
}

static void one_process_has_the_directory(void **state)
{
	cleanup_with(state_closep) struct state *opened = NULL;

	(void)state;
	fixture_fill(500);
	opened = fixture_open();
	fixture_in_use(getpid());
}

static void the_lock_is_also_swtpms(void **state)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int ready[2], status;
	pid_t child;
	char byte;

	(void)state;
	fixture_fill(500);
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		int fd = open(scratch_path("tpm/.lock"), O_WRONLY | O_CLOEXEC);

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (fcntl(fd, F_SETLK, &whole) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		(void)pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	fixture_in_use(child);
	(void)kill(child, SIGKILL);
	(void)waitpid(child, &status, 0);
	(void)close(ready[0]);
	(void)close(ready[1]);
}

static void symbolic_links_are_not_followed(void **state)
{
	(void)state;
	fixture_fill(500);
	assert_int_equal(rename(fixture_file, scratch_path("elsewhere")), 0);
	assert_int_equal(symlink("../elsewhere", fixture_file), 0);
	fixture_refused(-ELOOP, "DIR/tpm.permanent is a symbolic link");
	assert_int_equal(rename(scratch_path("tpm"), scratch_path("real")), 0);
	assert_int_equal(symlink("real", fixture_dir), 0);
	fixture_refused(-ENOTDIR, "DIR is not a directory, or a symbolic link to one");
	assert_int_equal(unlink(fixture_dir), 0);
	assert_int_equal(rename(scratch_path("real"), fixture_dir), 0);
	assert_int_equal(unlink(scratch_path("tpm/.lock")), 0);
	assert_int_equal(symlink("../elsewhere", scratch_path("tpm/.lock")), 0);
	fixture_refused(-ELOOP, "lock DIR/.lock: Too many levels of symbolic links");
}

static void a_directory_that_everybody_writes_is_refused(void **state)
{
	(void)state;
	assert_int_equal(mkdir(fixture_dir, 0700), 0);
	assert_int_equal(chmod(fixture_dir, 01777), 0);
	fixture_refused(-EPERM, "DIR can be written by everybody");
	assert_false(scratch_exists(scratch_path("tpm/.lock")));
}

static void a_strangers_directory_is_refused(void **state)
{
	cleanup_with(state_closep) struct state *opened = NULL;
	char text[300];

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(fixture_dir, 0700), 0);
	assert_int_equal(chown(fixture_dir, 1234, 1234), 0);
	fixture_refused(-EPERM, "DIR belongs to user 1234, who is neither root nor user 0");
	assert_false(scratch_exists(scratch_path("tpm/.lock")));
	fixture_options.uid = 1235;
	fixture_options.gid = 1235;
	(void)snprintf(text, sizeof(text),
		       "DIR belongs to user 1234, who is neither root nor user 1235");
	fixture_refused(-EPERM, text);
	fixture_options.uid = 1234;
	opened = fixture_open();
	assert_int_equal(fixture_store(opened, 1, 100), 0);
}

static void what_is_no_state_file_is_refused(void **state)
{
	(void)state;
	fixture_fill(500);
	assert_int_equal(unlink(fixture_file), 0);
	assert_int_equal(mkfifo(fixture_file, 0600), 0);
	fixture_refused(-EBADMSG, "DIR/tpm.permanent is not a file");
	assert_int_equal(unlink(fixture_file), 0);
	assert_int_equal(mkdir(fixture_file, 0700), 0);
	fixture_refused(-EISDIR, "open DIR/tpm.permanent: Is a directory");
	assert_int_equal(rmdir(fixture_file), 0);
	assert_int_equal(mkdir(scratch_path("tpm/x"), 0700), 0);
	scratch_write(fixture_file, "", 0);
	fixture_refused(-EBADMSG, "DIR/tpm.permanent is cut off after 0 bytes");
}

static void each_changed_byte_of_the_header_is_refused(void **state)
{
	cleanup_free uint8_t *bytes = NULL;
	int fd;
	size_t len;

	(void)state;
	fixture_fill(500);
	scratch_read(fixture_file, &bytes, &len);
	fd = open(fixture_file, O_RDWR | O_CLOEXEC);
	for (off_t i = 0; i < STATE_BLOCK; i++) {
		struct state *opened = NULL;
		uint8_t changed = bytes[i] ^ 0x10;

		assert_int_equal(pwrite(fd, &changed, 1, i), 1);
		assert_int_equal(state_open(&fixture_options, &opened, NULL), -EBADMSG);
		assert_int_equal(pwrite(fd, &bytes[i], 1, i), 1);
	}
	(void)close(fd);
	state_close(fixture_open());
}

static void each_changed_byte_of_a_slot_leaves_the_other(void **state)
{
	cleanup_free uint8_t *bytes = NULL;
	size_t len;
	int fd;

	(void)state;
	fixture_fill(300);
	scratch_read(fixture_file, &bytes, &len);
	fd = open(fixture_file, O_RDWR | O_CLOEXEC);
	for (off_t i = 0; i < STATE_SLOT_HEADER_SIZE + 300; i++) {
		off_t offset = STATE_BLOCK + STATE_SLOT_FULL + i;
		uint8_t changed = bytes[offset] ^ 0x01;
		cleanup_with(state_closep) struct state *opened = NULL;
		struct state_info info;

		assert_int_equal(pwrite(fd, &changed, 1, offset), 1);
		opened = fixture_open();
		assert_true(fixture_holds(opened, 1, 300));
		state_get_info(opened, &info);
		assert_non_null(strstr(info.warning.text, "slot 1 is damaged, or a store of it was "
							  "cut short; generation 1 in slot 0 is "
							  "used"));
		assert_int_equal(pwrite(fd, &bytes[offset], 1, offset), 1);
	}
	(void)close(fd);
}

static void both_slots_damaged_is_corrupt(void **state)
{
	cleanup_free uint8_t *bytes = NULL;
	size_t len;

	(void)state;
	fixture_fill(300);
	scratch_read(fixture_file, &bytes, &len);
	bytes[STATE_BLOCK + 100] ^= 1;
	bytes[STATE_BLOCK + STATE_SLOT_FULL + 100] ^= 1;
	scratch_write(fixture_file, bytes, len);
	fixture_refused(-EBADMSG, "DIR/tpm.permanent is corrupt: neither of its slots verifies");
}

static void any_other_length_is_refused(void **state)
{
	cleanup_free uint8_t *bytes = NULL;
	size_t len;

	(void)state;
	fixture_fill(500);
	scratch_read(fixture_file, &bytes, &len);
	for (off_t cut = (off_t)len - 1; cut >= 0; cut -= cut > STATE_BLOCK + 2 ? 4099 : 1) {
		struct state *opened = NULL;

		assert_int_equal(truncate(fixture_file, cut), 0);
		assert_int_equal(state_open(&fixture_options, &opened, NULL), -EBADMSG);
	}
	scratch_write(fixture_file, bytes, len);
	assert_int_equal(truncate(fixture_file, (off_t)len + 1), 0);
	fixture_refused(-EBADMSG,
			"DIR/tpm.permanent has 528385 bytes where its header says 528384");
}

/* The first part of the newer slot's bytes is on disk, the rest is not; and the other way round. */
static void a_torn_store_leaves_the_last_one(void **state)
{
	cleanup_free uint8_t *before = NULL, *after = NULL, *torn = NULL;
	size_t len, used = STATE_SLOT_HEADER_SIZE + 3000;
	const size_t slot = STATE_BLOCK; /* of the third store */

	(void)state;
	fixture_fill(3000);
	scratch_read(fixture_file, &before, &len);
	{
		cleanup_with(state_closep) struct state *opened = fixture_open();

		assert_int_equal(fixture_store(opened, 3, 3000), 0);
	}
	scratch_read(fixture_file, &after, &len);
	torn = malloc(len);
	for (size_t cut = 0; cut <= used + 63; cut += 64) {
		for (int reversed = 0; reversed < 2; reversed++) {
			cleanup_with(state_closep) struct state *opened = NULL;
			bool whole = reversed ? cut == 0 : cut >= used;

			memcpy(torn, reversed ? after : before, len);
			memcpy(torn + slot, (reversed ? before : after) + slot, cut);
			scratch_write(fixture_file, torn, len);
			opened = fixture_open();
			assert_true(fixture_holds(opened, whole ? 3 : 2, 3000));
			assert_int_equal(fixture_store(opened, 4, 3000), 0);
			assert_true(fixture_holds(opened, 4, 3000));
		}
	}
}

static off_t file_size(void)
{
	struct stat st;

	assert_int_equal(stat(fixture_file, &st), 0);
	assert_true((uint64_t)st.st_blocks * 512 >= (uint64_t)st.st_size);
	return st.st_size;
}

static void on_a_disk_there_is_room_for_all_from_the_start(void **state)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();
	struct tpm_storage storage = state_storage(opened);
	static const size_t sizes[] = { 1300, 24000, 130000, 200000, 1000 };

	(void)state;
	assert_int_equal(fixture_store(opened, 9, 100), 0);
	fault_arm_from(1, ENOSPC, "fallocate openat");
	for (uint8_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(storage.make_room(storage.context), 0);
		assert_int_equal(fixture_store(opened, i, sizes[i]), 0);
		assert_true(fixture_holds(opened, i, sizes[i]));
		assert_int_equal(file_size(), STATE_BLOCK + 2 * STATE_SLOT_FULL);
	}
	assert_false(fault_disarm());
}

static void in_memory_the_file_grows_when_it_must(void **state)
{
	cleanup_with(state_closep) struct state *opened = NULL;
	static const size_t sizes[] = { 1300, 24000, 32688, 32689, 49072, 130000, 1000, 1 << 20 };
	struct state_info info;

	(void)state;
	fault_memory(true);
	opened = fixture_open();
	for (uint8_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(fixture_store(opened, i, sizes[i]), 0);
		assert_true(fixture_holds(opened, i, sizes[i]));
		assert_int_equal(file_size() > STATE_BLOCK + 2 * STATE_SLOT_MIN, i > 2);
		state_close(take_ptr(opened));
		opened = fixture_open();
		assert_true(fixture_holds(opened, i, sizes[i]));
		state_get_info(opened, &info);
		assert_true(info.generation == i + 1U);
	}
	assert_false(scratch_exists(scratch_path("tpm/tpm.permanent.new")));
}

/* 16 KiB are more than any one command needs. */
static void room_is_made_before_it_is_needed(void **state)
{
	cleanup_with(state_closep) struct state *opened = NULL;
	struct tpm_storage storage;

	(void)state;
	fault_memory(true);
	opened = fixture_open();
	storage = state_storage(opened);
	assert_int_equal(storage.make_room(storage.context), 0);
	assert_int_equal(fixture_store(opened, 1, 32768 - 80 - 16384), 0);
	assert_int_equal(storage.make_room(storage.context), 0);
	assert_int_equal(file_size(), STATE_BLOCK + 2 * STATE_SLOT_MIN);
	assert_int_equal(fixture_store(opened, 2, 32768 - 80 - 16383), 0);
	assert_int_equal(storage.make_room(storage.context), 0);
	assert_int_equal(file_size(), STATE_BLOCK + 4 * STATE_SLOT_MIN);
	assert_true(fixture_holds(opened, 2, 32768 - 80 - 16383));
}

static void too_large_a_blob_is_refused(void **state)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();

	(void)state;
	assert_int_equal(fixture_store(opened, 1, STATE_SLOT_MAX), -EFBIG);
	assert_int_equal(fixture_store(opened, 1, 100), 0);
	assert_int_equal(fixture_store(opened, 2, STATE_SLOT_MAX), -EFBIG);
	assert_true(fixture_holds(opened, 1, 100));
}

/* What was stored is in the new file alone: its name must be on disk, too. */
static void a_store_into_a_new_file_waits_for_its_name(void **state)
{
	cleanup_with(state_closep) struct state *opened = NULL;
	struct tpm_storage storage;

	(void)state;
	fault_memory(true);
	opened = fixture_open();
	storage = state_storage(opened);
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	assert_int_equal(fixture_store(opened, 2, 20000), 0);
	assert_int_equal(storage.make_room(storage.context), 0);
	fault_arm_from(1, EIO, "fsync");
	assert_int_equal(fixture_store(opened, 3, 20000), -EIO);
	(void)fault_disarm();
	assert_int_equal(fixture_store(opened, 3, 20000), 0);
	assert_int_equal(unlink(fixture_file), 0);
	fault_arm_from(1, EIO, "fsync");
	assert_int_equal(fixture_store(opened, 4, 20000), -EIO);
	(void)fault_disarm();
	assert_int_equal(fixture_store(opened, 4, 20000), 0);
	assert_true(fixture_holds(opened, 4, 20000));
}

static void without_room_there_is_a_warning_and_what_fits_is_stored(void **state)
{
	cleanup_with(state_closep) struct state *opened = NULL;
	struct tpm_storage storage;
	struct state_info info;
	char text[300];

	(void)state;
	fault_memory(true);
	opened = fixture_open();
	storage = state_storage(opened);
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	assert_int_equal(fixture_store(opened, 1, 20000), 0);
	fault_arm_from(1, ENOSPC, "fallocate");
	assert_int_equal(storage.make_room(storage.context), -ENOSPC);
	state_get_info(opened, &info);
	fixture_shorten(info.warning.text, text);
	assert_string_equal(text, "DIR/tpm.permanent cannot grow, what needs more room is refused: "
				  "No space left on device");
	assert_string_equal(info.degraded.text, "");
	assert_int_equal(fixture_store(opened, 2, 30000), 0);
	assert_true(fixture_holds(opened, 2, 30000));

	assert_int_equal(fixture_store(opened, 3, 33000), -ENOSPC);
	(void)fault_disarm();
	fixture_shorten(state_last_error(opened), text);
	assert_string_equal(text, "write DIR/tpm.permanent: No space left on device");
	state_get_info(opened, &info);
	assert_int_equal(info.store_failures, 1);
	assert_int_equal(info.store_times.count, info.stores);
	assert_string_equal(info.degraded.text, state_last_error(opened));
	assert_true(fixture_holds(opened, 2, 30000));
	assert_int_equal(fixture_store(opened, 3, 33000), 0);
	state_get_info(opened, &info);
	assert_string_equal(info.warning.text, "");
	assert_string_equal(info.degraded.text, "");
	assert_true(fixture_holds(opened, 3, 33000));
}

static void a_file_system_that_cannot_allocate_is_written(void **state)
{
	(void)state;
	fault_arm_from(1, EOPNOTSUPP, "fallocate");
	fixture_fill(30000);
	assert_true(fault_disarm());
	state_close(fixture_open());
}

/* How often a store says that it is about to wait, with SLOW flushes still taken for slow ones. */
static unsigned int waits_with(struct state *state, unsigned int slow)
{
	fixture_waits = 0;
	state->pace.slow_left = slow;
	assert_int_equal(fixture_store(state, 1, 1000), 0);
	return fixture_waits;
}

static void a_store_waits_once_and_says_so_where_that_is_slow(void **state)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();

	(void)state;
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	assert_int_equal(fixture_waits, 1); /* nothing is known of the disk */
	assert_int_equal(waits_with(opened, 5), 1);
	assert_int_not_equal(opened->pace.slow_left, 5);
	assert_int_equal(waits_with(opened, 0), 0);
	state_close(take_ptr(opened));
	fixture_options.sync = false;
	opened = fixture_open();
	assert_int_equal(waits_with(opened, 5), 0);
	assert_true(fixture_holds(opened, 1, 1000));
}

static void a_store_in_memory_never_waits(void **state)
{
	cleanup_with(state_closep) struct state *opened = NULL;

	(void)state;
	fault_memory(true);
	opened = fixture_open();
	assert_int_equal(waits_with(opened, 5), 0);
	fault_arm(1, EIO, "fdatasync");
	assert_int_equal(waits_with(opened, 5), 0);
	assert_false(fault_disarm());
	assert_int_equal(opened->pace.slow_left, 5);
}

static void a_changed_file_is_not_believed(void **state)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();
	struct tpm_storage storage = state_storage(opened);
	uint8_t *data = NULL;
	size_t len;
	uint8_t byte;
	int fd;

	(void)state;
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	fd = open(fixture_file, O_RDWR | O_CLOEXEC);
	assert_int_equal(pread(fd, &byte, 1, STATE_BLOCK + 200), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, STATE_BLOCK + 200), 1);
	(void)close(fd);
	assert_int_equal(storage.load(storage.context, BLOB_PERMANENT, &data, &len), -EBADMSG);
	assert_non_null(strstr(state_last_error(opened), "was changed by somebody else"));
}

/* After each failed system call: the store before it is there, also after a start; then all is
 * well. */
static void store_fails_whole(size_t len, int errnum, bool in_memory)
{
	fault_memory(in_memory);
	for (int n = 1;; n++) {
		cleanup_with(state_closep) struct state *opened = NULL;
		struct state_info info;
		bool failed;
		int r;

		scratch_remove();
		fixture_tear_down(NULL);
		fixture_set_up(NULL);
		opened = fixture_open();
		assert_int_equal(fixture_store(opened, 1, 1000), 0);
		fault_arm(n, errnum, NULL);
		r = fixture_store(opened, 2, len);
		failed = fault_disarm();
		assert_true(fixture_holds(opened, r == 0 ? 2 : 1, r == 0 ? len : 1000));
		state_get_info(opened, &info);
		if (r < 0) {
			assert_true(failed);
			assert_int_equal(r, -errnum);
			assert_string_not_equal(info.degraded.text, "");
		}
		state_close(take_ptr(opened));
		opened = fixture_open();
		assert_true(fixture_holds(opened, r == 0 ? 2 : 1, r == 0 ? len : 1000));
		assert_int_equal(fixture_store(opened, 3, len), 0);
		assert_true(fixture_holds(opened, 3, len));
		if (!failed)
			break;
	}
}

static void a_store_whose_system_calls_fail_leaves_the_last_one(void **state)
{
	(void)state;
	store_fails_whole(1000, EIO, false);
	store_fails_whole(1000, ENOSPC, false);
	store_fails_whole(30000, EIO, false);
	store_fails_whole(33000, EIO, true);
	store_fails_whole(50000, EDQUOT, true);
}

static void a_first_store_that_fails_leaves_no_tpm(void **state)
{
	(void)state;
	for (int n = 1;; n++) {
		cleanup_with(state_closep) struct state *opened = NULL;
		bool failed;
		int r;

		scratch_remove();
		fixture_tear_down(NULL);
		fixture_set_up(NULL);
		opened = fixture_open();
		fault_arm(n, EIO, NULL);
		r = fixture_store(opened, 1, 1000);
		failed = fault_disarm();
		assert_int_equal(scratch_exists(fixture_file), r == 0);
		if (r < 0) {
			state_close(take_ptr(opened));
			assert_false(scratch_exists(fixture_dir));
			opened = fixture_open();
		}
		assert_int_equal(fixture_store(opened, 2, 1000), 0);
		assert_true(scratch_exists(scratch_path("tpm/tpm.identity")));
		if (!failed)
			break;
	}
}

static void an_open_whose_system_calls_fail_changes_nothing(void **state)
{
	static const int errors[] = { EIO, EACCES };
	uint64_t digest;

	(void)state;
	fixture_fill(1000);
	digest = scratch_digest(fixture_dir);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		for (int n = 1;; n++) {
			cleanup_with(state_closep) struct state *opened = NULL;
			struct error err = { "" };
			int r;

			fault_arm(n, errors[i], "openat open fstat pread getrandom mkdir");
			r = state_open(&fixture_options, &opened, &err);
			if (!fault_disarm()) {
				assert_int_equal(r, 0);
				break;
			}
			assert_true(scratch_digest(fixture_dir) == digest);
			if (r == 0) /* it was a look for something that is seldom there */
				continue;
			assert_null(opened);
			assert_true(r == -errors[i] || r == -EBUSY);
			assert_string_not_equal(err.text, "");
		}
	}
}

static void no_memory_is_an_error_like_any_other(void **state)
{
	(void)state;
	fixture_fill(1000);
	for (int n = 1;; n++) {
		cleanup_with(state_closep) struct state *opened = NULL;
		int r;

		fault_arm(n, ENOMEM, FAULT_ALLOCATIONS);
		r = state_open(&fixture_options, &opened, NULL);
		if (!fault_disarm()) {
			assert_int_equal(r, 0);
			break;
		}
		assert_true(r == 0 || r == -ENOMEM);
	}
	for (int n = 1;; n++) {
		cleanup_with(state_closep) struct state *opened = fixture_open();
		cleanup_free uint8_t *data = fixture_blob(3, 30000);
		struct tpm_storage storage = state_storage(opened);
		int r;

		assert_int_equal(fixture_store(opened, 2, 1000), 0);
		fault_arm(n, ENOMEM, FAULT_ALLOCATIONS);
		r = storage.store(storage.context, BLOB_PERMANENT, data, 30000);
		if (!fault_disarm()) {
			assert_int_equal(r, 0);
			break;
		}
		assert_true(r == 0 || r == -ENOMEM);
		assert_true(fixture_holds(opened, r == 0 ? 3 : 2, r == 0 ? 30000 : 1000));
	}
}

static void a_lost_state_is_not_replaced_by_accident(void **state)
{
	uint8_t old[STATE_ID_SIZE];
	struct state_info info;
	struct state *opened;

	(void)state;
	fixture_fill(1000);
	opened = fixture_open();
	state_get_info(opened, &info);
	memcpy(old, info.id, sizeof(old));
	state_close(opened);
	fixture_options.new_identity = true;
	fixture_refused(-EEXIST, "DIR has a TPM: --new-identity is for one that is lost");
	fixture_options.new_identity = false;
	assert_int_equal(unlink(fixture_file), 0);
	fixture_refused(-ESTALE,
			"DIR has tpm.identity but no tpm.permanent: put it back, or make a new TPM "
			"with --new-identity");
	fixture_options.new_identity = true;
	fixture_options.key = fixture_keys[KEY_PLAIN];
	fixture_refused(-EKEYREJECTED,
			"DIR held an encrypted TPM, which a plain one does not replace");
	fixture_options.key = fixture_keys[KEY_RAW];
	opened = fixture_open();
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	state_get_info(opened, &info);
	assert_memory_not_equal(old, info.id, sizeof(old));
	state_close(opened);
	fixture_options.new_identity = false;
	state_close(fixture_open());
}

static void a_directory_is_only_looked_at(void **state)
{
	cleanup_with(state_closep) struct state *opened = NULL, *second = NULL;
	cleanup_free uint8_t *data = fixture_blob(3, 100);
	struct tpm_storage storage;
	uint64_t digest;

	(void)state;
	fixture_fill(500);
	assert_int_equal(unlink(scratch_path("tpm/.lock")), 0);
	scratch_write(scratch_path("tpm/tpm.permanent.new"), "left", 4);
	digest = scratch_digest(fixture_dir);
	fixture_options.read_only = true;
	fault_arm_from(1, EROFS, "pwrite write fsync fdatasync renameat mkdir fchown fchmod");
	opened = fixture_open();
	assert_true(fixture_holds(opened, 2, 500));
	second = fixture_open();
	assert_true(fixture_holds(second, 2, 500));
	assert_false(fault_disarm());
	storage = state_storage(opened);
	assert_int_equal(storage.store(storage.context, BLOB_PERMANENT, data, 100), -EROFS);
	assert_int_equal(storage.remove(storage.context, BLOB_SAVESTATE), -EROFS);
	assert_true(scratch_digest(fixture_dir) == digest);
	fixture_options.read_only = false;
	fixture_in_use(getpid());
}

static void swtpms_state_is_not_overlooked(void **state)
{
	(void)state;
	assert_int_equal(mkdir(fixture_dir, 0700), 0);
	scratch_write(scratch_path("tpm/tpm2-00.permall"), "x", 1);
	fixture_refused(-ESTALE,
			"DIR holds the state of swtpm, tpm2-00.permall: import it, or make a new "
			"TPM with --new-identity");
}

static void the_other_kinds_of_state_have_files_of_their_own(void **state)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();
	struct tpm_storage storage = state_storage(opened);
	cleanup_free uint8_t *data = NULL, *again = NULL;
	size_t len;

	(void)state;
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	assert_int_equal(storage.load(storage.context, BLOB_SAVESTATE, &data, &len), -ENOENT);
	assert_int_equal(storage.store(storage.context, BLOB_SAVESTATE, (const uint8_t *)"abc", 3),
			 0);
	state_close(take_ptr(opened));
	opened = fixture_open();
	storage = state_storage(opened);
	assert_int_equal(storage.load(storage.context, BLOB_SAVESTATE, &data, &len), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(data, "abc", 3);
	assert_int_equal(storage.store(storage.context, BLOB_SAVESTATE, (const uint8_t *)"de", 2),
			 0);
	assert_int_equal(storage.load(storage.context, BLOB_SAVESTATE, &again, &len), 0);
	assert_memory_equal(again, "de", 2);
	assert_int_equal(storage.remove(storage.context, BLOB_SAVESTATE), 0);
	assert_int_equal(storage.remove(storage.context, BLOB_SAVESTATE), 0);
	assert_false(scratch_exists(scratch_path("tpm/tpm.savestate")));
	assert_int_equal(storage.remove(storage.context, BLOB_PERMANENT), -EPERM);
	assert_true(fixture_holds(opened, 1, 1000));
}

static void a_tpm_that_was_there_gets_a_savestate_that_can_be_read(void **state)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();
	struct tpm_storage storage;
	cleanup_free uint8_t *data = NULL;
	size_t len;

	(void)state;
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	state_close(take_ptr(opened));
	opened = fixture_open();
	storage = state_storage(opened);
	assert_int_equal(storage.store(storage.context, BLOB_SAVESTATE, (const uint8_t *)"abc", 3),
			 0);
	state_close(take_ptr(opened));
	opened = fixture_open();
	storage = state_storage(opened);
	assert_int_equal(storage.load(storage.context, BLOB_SAVESTATE, &data, &len), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(data, "abc", 3);
}

static void anothers_savestate_is_refused(void **state)
{
	struct tpm_storage storage;
	struct state *opened;
	uint8_t *data = NULL;
	size_t len;

	(void)state;
	opened = fixture_open();
	storage = state_storage(opened);
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	assert_int_equal(storage.store(storage.context, BLOB_SAVESTATE, (const uint8_t *)"abc", 3),
			 0);
	state_close(opened);
	assert_int_equal(rename(scratch_path("tpm/tpm.savestate"), scratch_path("savestate")), 0);
	assert_int_equal(unlink(fixture_file), 0);
	fixture_options.new_identity = true;
	opened = fixture_open();
	storage = state_storage(opened);
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	assert_int_equal(rename(scratch_path("savestate"), scratch_path("tpm/tpm.savestate")), 0);
	assert_int_equal(storage.load(storage.context, BLOB_SAVESTATE, &data, &len), -EBADMSG);
	assert_non_null(strstr(state_last_error(opened), "belongs to another TPM"));
	state_close(opened);
}

static int set_up(void **state)
{
	fault_memory(false);
	return fixture_set_up(state);
}

static void a_state_beneath_nothing_says_what_is_missing(void **state)
{
	struct state_dir dir = { .uid = (uid_t)-1, .gid = (gid_t)-1 };
	struct error err;

	(void)state;
	assert_int_equal(state_dir_open(&dir, "/proc/no/state", true, &err), -ENOENT);
	assert_string_equal(err.text,
			    "the state in /proc/no/state: there is no directory /proc/no");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(a_directory_is_made_for_a_tpm_and_not_for_nothing),
		TEST(what_was_stored_is_there_again_for_each_kind_of_key),
		TEST(a_wrong_key_is_told_and_changes_nothing),
		TEST(a_wrong_password_is_told),
		TEST(another_kind_of_key_is_told_which_it_must_be),
		TEST(a_lost_host_key_is_not_made_anew),
		TEST(the_other_tpm_version_is_refused),
		TEST(one_process_has_the_directory),
		TEST(the_lock_is_also_swtpms),
		TEST(symbolic_links_are_not_followed),
		TEST(a_directory_that_everybody_writes_is_refused),
		TEST(a_strangers_directory_is_refused),
		TEST(what_is_no_state_file_is_refused),
		TEST(each_changed_byte_of_the_header_is_refused),
		TEST(each_changed_byte_of_a_slot_leaves_the_other),
		TEST(both_slots_damaged_is_corrupt),
		TEST(any_other_length_is_refused),
		TEST(a_torn_store_leaves_the_last_one),
		TEST(on_a_disk_there_is_room_for_all_from_the_start),
		TEST(in_memory_the_file_grows_when_it_must),
		TEST(room_is_made_before_it_is_needed),
		TEST(a_store_into_a_new_file_waits_for_its_name),
		TEST(too_large_a_blob_is_refused),
		TEST(without_room_there_is_a_warning_and_what_fits_is_stored),
		TEST(a_file_system_that_cannot_allocate_is_written),
		TEST(a_store_waits_once_and_says_so_where_that_is_slow),
		TEST(a_store_in_memory_never_waits),
		TEST(a_changed_file_is_not_believed),
		TEST(a_store_whose_system_calls_fail_leaves_the_last_one),
		TEST(a_first_store_that_fails_leaves_no_tpm),
		TEST(an_open_whose_system_calls_fail_changes_nothing),
		TEST(no_memory_is_an_error_like_any_other),
		TEST(a_lost_state_is_not_replaced_by_accident),
		TEST(a_directory_is_only_looked_at),
		TEST(a_state_beneath_nothing_says_what_is_missing),
		TEST(swtpms_state_is_not_overlooked),
		TEST(the_other_kinds_of_state_have_files_of_their_own),
		TEST(a_tpm_that_was_there_gets_a_savestate_that_can_be_read),
		TEST(anothers_savestate_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
