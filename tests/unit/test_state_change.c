/* SPDX-License-Identifier: BSD-3-Clause */
/* Changes to a state beyond a store: recovery, another key, backup, volatile state carried along.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/faults.h"
#include "tests/unit/scratch.h"
#include "tests/unit/state_fixture.h"
#include "tpm/state/backup.h"
#include "tpm/state/blob.h"
#include "tpm/state/rekey.h"
#include "util/bytes.h"

static int save(struct state *state, const char *text)
{
	struct tpm_storage storage = state_storage(state);

	return storage.store(state, BLOB_SAVESTATE, (const uint8_t *)text, strlen(text));
}

static bool has_saved(struct state *state, const char *text)
{
	struct tpm_storage storage = state_storage(state);
	cleanup_free uint8_t *data = NULL;
	size_t len;

	return storage.load(state, BLOB_SAVESTATE, &data, &len) == 0 && len == strlen(text) &&
	       memcmp(data, text, len) == 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void storing_works_again_once_there_is_room(void **state)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();
	struct state_info info;

	(void)state;
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	fault_arm_from(1, ENOSPC, "pwrite");
	assert_int_equal(fixture_store(opened, 2, 1000), -ENOSPC);
	assert_non_null(strstr(state_last_error(opened), "tpm.permanent: No space left on device"));
	(void)fault_disarm();
	state_get_info(opened, &info);
	assert_string_not_equal(info.degraded.text, "");
	assert_true(fixture_holds(opened, 1, 1000));
	assert_int_equal(fixture_store(opened, 2, 1000), 0);
	state_get_info(opened, &info);
	assert_string_equal(info.degraded.text, "");
	state_close(take_ptr(opened));
	opened = fixture_open();
	assert_true(fixture_holds(opened, 2, 1000));
}

static void removed_files_are_made_again(void **state)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();

	(void)state;
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	assert_int_equal(save(opened, "saved"), 0);
	assert_int_equal(unlink(fixture_file), 0);
	assert_int_equal(unlink(scratch_path("tpm/tpm.savestate")), 0);
	assert_int_equal(fixture_store(opened, 2, 1000), 0);
	assert_int_equal(save(opened, "again"), 0);
	state_close(take_ptr(opened));
	opened = fixture_open();
	assert_true(fixture_holds(opened, 2, 1000));
	assert_true(has_saved(opened, "again"));
}

/* Whoever removed it may have made another one since, elsewhere or for another TPM. */
static void a_removed_directory_stays_removed(void **state)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();
	struct error err;
	char text[300];

	(void)state;
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	assert_int_equal(nftw(fixture_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	assert_int_equal(fixture_store(opened, 2, 1000), -ESTALE);
	fixture_shorten(state_last_error(opened), text);
	assert_string_equal(text, "DIR was removed under the running TPM");
	assert_int_equal(state_check(opened, &err), -ESTALE);
	assert_false(scratch_exists(fixture_dir));
}

static void a_key_is_changed_for_any_other(void **state)
{
	(void)state;
	for (int from = 0; from < KEY_KINDS; from++) {
		for (int to = 0; to < KEY_KINDS; to++) {
			cleanup_with(state_closep) struct state *opened = NULL;
			struct state_info info;

			fixture_tear_down(NULL);
			fixture_set_up(NULL);
			fixture_options.key = fixture_keys[from];
			opened = fixture_open();
			assert_int_equal(fixture_store(opened, 1, 40000), 0);
			assert_int_equal(save(opened, "saved"), 0);
			assert_int_equal(state_rekey(opened, fixture_keys[to], NULL), 0);
			state_get_info(opened, &info);
			assert_string_equal(info.encryption, key_kind_name((enum key_kind)to));
			assert_true(fixture_holds(opened, 1, 40000));
			assert_int_equal(fixture_store(opened, 2, 2000), 0);
			state_close(take_ptr(opened));
			fixture_options.key = fixture_keys[to];
			opened = fixture_open();
			assert_true(fixture_holds(opened, 2, 2000));
			assert_true(has_saved(opened, "saved"));
			state_get_info(opened, &info);
			assert_true(info.generation == 2);
		}
	}
}

static struct state *open_with(enum key_kind kind)
{
	struct state *opened = NULL;

	fixture_options.key = fixture_keys[kind];
	return state_open(&fixture_options, &opened, NULL) == 0 ? opened : NULL;
}

/* Stopped by any failure that lasts: one of the two keys opens all there is. */
static void a_change_of_the_key_that_stops_half_way_is_finished(void **state)
{
	bool was_new = false;

	(void)state;
	for (int n = 1;; n++) {
		cleanup_with(state_closep) struct state *opened = NULL;
		bool failed, is_new = false;
		int r;

		fixture_tear_down(NULL);
		fixture_set_up(NULL);
		opened = fixture_open();
		assert_int_equal(fixture_store(opened, 1, 1000), 0);
		assert_int_equal(save(opened, "saved"), 0);
		fault_arm_from(n, EIO, NULL);
		r = state_rekey(opened, fixture_keys[KEY_PLAIN], NULL);
		failed = fault_disarm();
		state_close(take_ptr(opened));
		opened = open_with(KEY_RAW);
		if (opened == NULL) {
			opened = open_with(KEY_PLAIN);
			is_new = true;
		}
		assert_non_null(opened);
		assert_true(is_new || !was_new);
		was_new = is_new;
		assert_true(fixture_holds(opened, 1, 1000));
		assert_true(has_saved(opened, "saved"));
		assert_false(scratch_exists(scratch_path("tpm/tpm.permanent.new")));
		assert_false(scratch_exists(scratch_path("tpm/tpm.savestate.new")));
		if (!failed) {
			assert_int_equal(r, 0);
			assert_true(is_new);
			break;
		}
		assert_true(r < 0);
	}
}

/* A directory as release 0.1 made it: format 1, with small slots, and a savestate. */
static void make_old_state(void)
{
	struct state_dir dir = { .uid = (uid_t)-1, .sync = true };
	struct state_header header = { .format = 1, .version = TPM_VERSION_2, .key = KEY_RAW };
	cleanup_with(secret_freep) struct secret *secret = NULL;
	cleanup_with(seal_freep) struct seal *seal = NULL;
	cleanup_free uint8_t *data = fixture_blob(1, 9000);
	struct state_file *file = NULL;

	memset(header.id, 7, sizeof(header.id));
	memset(header.salt, 8, sizeof(header.salt));
	assert_int_equal(state_key_get(fixture_keys[KEY_RAW], false, &secret, NULL), 0);
	assert_int_equal(seal_new(&header, secret, &seal, NULL), 0);
	assert_int_equal(state_dir_open(&dir, fixture_dir, true, NULL), 0);
	dir.is_memory = true;
	assert_int_equal(
		state_file_create(&dir, BLOB_PERMANENT, seal, &header, 5, data, 9000, &file, NULL),
		0);
	state_file_close(take_ptr(file));
	assert_int_equal(state_file_create(&dir, BLOB_SAVESTATE, seal, &header, 1,
					   (const uint8_t *)"saved", 5, &file, NULL),
			 0);
	state_file_close(take_ptr(file));
	dir.made = false;
	state_dir_done(&dir);
}

static uint16_t format_on_disk(void)
{
	cleanup_free uint8_t *bytes = NULL;
	size_t len;

	scratch_read(fixture_file, &bytes, &len);
	return get_be16(bytes + 8);
}

static void an_old_state_is_converted_at_its_first_start(void **state)
{
	cleanup_with(state_closep) struct state *opened = NULL;
	struct state_info info;
	struct stat st;

	(void)state;
	make_old_state();
	opened = fixture_open();
	assert_int_equal(format_on_disk(), 2);
	assert_int_equal(stat(fixture_file, &st), 0);
	assert_int_equal(st.st_size, STATE_BLOCK + 2 * STATE_SLOT_FULL);
	assert_true(fixture_holds(opened, 1, 9000));
	assert_true(has_saved(opened, "saved"));
	state_get_info(opened, &info);
	assert_true(info.generation == 5);
	assert_int_equal(info.id[0], 7);
	assert_int_equal(fixture_store(opened, 2, 9000), 0);
	state_close(take_ptr(opened));
	opened = fixture_open();
	assert_true(fixture_holds(opened, 2, 9000));
	assert_true(has_saved(opened, "saved"));
}

static void who_only_looks_converts_nothing(void **state)
{
	cleanup_with(state_closep) struct state *opened = NULL;
	uint64_t digest;

	(void)state;
	make_old_state();
	digest = scratch_digest(fixture_dir);
	fixture_options.read_only = true;
	opened = fixture_open();
	assert_true(fixture_holds(opened, 1, 9000));
	state_close(take_ptr(opened));
	fixture_options.read_only = false;
	fixture_options.old_format = true;
	opened = fixture_open();
	assert_true(has_saved(opened, "saved"));
	assert_true(scratch_digest(fixture_dir) == digest);
}

static void an_old_state_without_room_is_served(void **state)
{
	cleanup_with(state_closep) struct state *opened = NULL;
	struct tpm_storage storage;
	struct state_info info;

	(void)state;
	make_old_state();
	fault_arm_from(1, ENOSPC, "fallocate");
	opened = fixture_open();
	storage = state_storage(opened);
	assert_int_equal(format_on_disk(), 1);
	state_get_info(opened, &info);
	assert_non_null(strstr(info.warning.text, "stays in the format of an earlier release: "));
	assert_non_null(strstr(info.warning.text, "No space left on device"));
	assert_false(scratch_exists(scratch_path("tpm/tpm.permanent.new")));
	assert_true(fixture_holds(opened, 1, 9000));
	assert_int_equal(fixture_store(opened, 2, 20000), 0);
	assert_int_equal(storage.make_room(storage.context), -ENOSPC);
	(void)fault_disarm();
	state_close(take_ptr(opened));
	opened = fixture_open();
	assert_int_equal(format_on_disk(), 2);
	assert_true(fixture_holds(opened, 2, 20000));
	assert_true(has_saved(opened, "saved"));
}

/* Stopped by any failure that lasts: the next start finds all there is, in either format. */
static void a_conversion_that_stops_half_way_is_finished(void **state)
{
	(void)state;
	for (int n = 1;; n++) {
		cleanup_with(state_closep) struct state *opened = NULL;
		bool failed;

		fixture_tear_down(NULL);
		fixture_set_up(NULL);
		make_old_state();
		fault_arm_from(n, EIO, NULL);
		(void)state_open(&fixture_options, &opened, NULL);
		failed = fault_disarm();
		state_close(take_ptr(opened));
		opened = fixture_open();
		assert_int_equal(format_on_disk(), 2);
		assert_true(fixture_holds(opened, 1, 9000));
		assert_true(has_saved(opened, "saved"));
		if (!failed)
			break;
	}
}

static void volatile_state_is_resumed_once(void **state)
{
	cleanup_wiped struct wiped image = { 0 };
	cleanup_with(state_closep) struct state *opened = fixture_open();
	cleanup_free uint8_t *data = NULL;
	struct tpm_storage storage = state_storage(opened);
	struct error err;
	size_t len;

	(void)state;
	assert_int_equal(state_save_volatile(opened, (const uint8_t *)"pcrs", 4, &image, &err),
			 -EINVAL);
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	assert_int_equal(state_save_volatile(opened, (const uint8_t *)"pcrs", 4, &image, NULL), 0);
	state_close(take_ptr(opened));

	opened = fixture_open();
	assert_int_equal(state_resume(opened, image.data, image.len, NULL), 0);
	assert_int_equal(storage.load(opened, BLOB_VOLATILE, &data, &len), 0);
	assert_int_equal(len, 4);
	assert_memory_equal(data, "pcrs", 4);
	assert_int_equal(storage.load(opened, BLOB_VOLATILE, &data, &len), -ENOENT);
	assert_int_equal(fixture_store(opened, 2, 1000), 0);
	assert_int_equal(state_resume(opened, image.data, image.len, &err), -ESTALE);
	assert_string_equal(err.text,
			    "saved with generation 1 of the permanent state, which is at 2");
}

static int put(struct state *state, enum tpm_blob blob, uint8_t number)
{
	struct tpm_storage storage = state_storage(state);
	cleanup_free uint8_t *data = fixture_blob(number, 1000);

	return storage.store(state, blob, data, 1000);
}

static bool has(struct state *state, enum tpm_blob blob)
{
	struct tpm_storage storage = state_storage(state);
	cleanup_free uint8_t *data = NULL;
	size_t len = 0;

	return storage.load(state, blob, &data, &len) == 0;
}

/* Fails from the N-th system call on: what it leaves is what a kill there does. */
static int replace_until(int n, bool for_good, bool *failed)
{
	cleanup_with(state_closep) struct state *state = fixture_open();
	struct tpm_storage storage = state_storage(state);
	cleanup_free uint8_t *data = fixture_blob(2, 1000);
	int r;

	(for_good ? fault_arm_from : fault_arm)(n, EIO, NULL);
	r = storage.replace(state, data, 1000);
	*failed = fault_disarm();
	return r;
}

static void replace_at_every_call(bool for_good)
{
	bool failed = true;
	int olds = 0, news = 0;

	for (int n = 1; failed; n++) {
		cleanup_with(state_closep) struct state *state = NULL;
		bool is_new;
		int r;

		fixture_tear_down(NULL);
		fixture_set_up(NULL);
		state = fixture_open();
		assert_int_equal(put(state, BLOB_PERMANENT, 1), 0);
		assert_int_equal(put(state, BLOB_SAVESTATE, 1), 0);
		assert_int_equal(put(state, BLOB_VOLATILE, 1), 0);
		state_close(take_ptr(state));

		r = replace_until(n, for_good, &failed);
		state = fixture_open();
		is_new = fixture_holds(state, 2, 1000);
		assert_true(is_new || fixture_holds(state, 1, 1000));
		assert_true(is_new || r < 0);
		assert_int_equal(has(state, BLOB_SAVESTATE), !is_new);
		assert_int_equal(has(state, BLOB_VOLATILE), !is_new);
		assert_false(scratch_exists(scratch_path("tpm/tpm.replacing")));
		*(is_new ? &news : &olds) += 1;
	}
	assert_true(olds > 3 && news > 1);
}

static void a_tpm_is_replaced_as_a_whole_or_not_at_all(void **state)
{
	(void)state;
	replace_at_every_call(false);
	replace_at_every_call(true);
}

static void what_is_not_this_tpms_volatile_state_is_refused(void **state)
{
	cleanup_wiped struct wiped image = { 0 };
	cleanup_with(state_closep) struct state *opened = fixture_open();
	struct error err;

	(void)state;
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	assert_int_equal(state_save_volatile(opened, (const uint8_t *)"pcrs", 4, &image, NULL), 0);
	for (size_t len = 0; len < image.len; len += 97)
		assert_int_equal(state_resume(opened, image.data, len, &err), -EBADMSG);
	image.data[STATE_BLOCK + STATE_SLOT_HEADER_SIZE] ^= 1;
	assert_int_equal(state_resume(opened, image.data, image.len, &err), -EBADMSG);
	image.data[STATE_BLOCK + STATE_SLOT_HEADER_SIZE] ^= 1;
	assert_int_equal(state_rekey(opened, fixture_keys[KEY_PASSWORD], NULL), 0);
	assert_int_equal(state_resume(opened, image.data, image.len, &err), -EKEYREJECTED);
	assert_string_equal(err.text, "saved before the TPM's key was changed");
	state_close(take_ptr(opened));
	assert_int_equal(nftw(fixture_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	opened = fixture_open();
	assert_int_equal(state_resume(opened, image.data, image.len, &err), -ENOENT);
	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	assert_int_equal(state_resume(opened, image.data, image.len, &err), -EBADMSG);
	assert_string_equal(err.text, "the volatile state of another TPM");
}

static void make_backup(struct wiped *image, enum key_kind kind)
{
	cleanup_with(state_closep) struct state *opened = fixture_open();

	assert_int_equal(fixture_store(opened, 1, 1000), 0);
	assert_int_equal(fixture_store(opened, 2, 50000), 0);
	assert_int_equal(save(opened, "saved"), 0);
	assert_int_equal(state_backup_make(opened, fixture_keys[kind], image, NULL), 0);
}

static void a_backup_is_restored_as_the_same_tpm(void **state)
{
	cleanup_wiped struct wiped image = { 0 };
	cleanup_with(state_backup_done) struct state_backup backup = { 0 };
	cleanup_with(state_closep) struct state *opened = NULL;
	struct state_info before, after;
	struct error err;

	(void)state;
	make_backup(&image, KEY_PASSWORD);
	opened = fixture_open();
	state_get_info(opened, &before);
	state_close(take_ptr(opened));
	assert_int_equal(
		state_backup_read(image.data, image.len, fixture_keys[KEY_PASSWORD], &backup, NULL),
		0);
	assert_int_equal(state_restore(&fixture_options, &backup, &err), -EEXIST);
	assert_int_equal(unlink(fixture_file), 0);
	fixture_options.key = fixture_keys[KEY_HOST];
	assert_int_equal(state_restore(&fixture_options, &backup, NULL), 0);
	opened = fixture_open();
	assert_true(fixture_holds(opened, 2, 50000));
	assert_true(has_saved(opened, "saved"));
	state_get_info(opened, &after);
	assert_memory_equal(before.id, after.id, sizeof(before.id));
	assert_true(before.created == after.created);
	assert_true(after.generation > before.generation);
	assert_string_equal(after.encryption, "host-key");
}

static void a_restored_tpm_is_known_until_it_was_told(void **state)
{
	cleanup_wiped struct wiped image = { 0 };
	cleanup_with(state_backup_done) struct state_backup backup = { 0 };
	cleanup_with(state_closep) struct state *opened = NULL;

	(void)state;
	make_backup(&image, KEY_RAW);
	opened = fixture_open();
	assert_false(state_is_restored(opened));
	state_close(take_ptr(opened));
	assert_int_equal(
		state_backup_read(image.data, image.len, fixture_keys[KEY_RAW], &backup, NULL), 0);
	assert_int_equal(unlink(fixture_file), 0);
	assert_int_equal(state_restore(&fixture_options, &backup, NULL), 0);
	for (int starts = 0; starts < 2; starts++) {
		opened = fixture_open();
		assert_true(state_is_restored(opened));
		if (starts == 1)
			state_forget_restored(opened);
		state_close(take_ptr(opened));
	}
	opened = fixture_open();
	assert_false(state_is_restored(opened));
}

static void a_backup_goes_not_where_another_tpm_was(void **state)
{
	cleanup_wiped struct wiped image = { 0 };
	cleanup_with(state_backup_done) struct state_backup backup = { 0 };
	struct error err;

	(void)state;
	make_backup(&image, KEY_RAW);
	assert_int_equal(
		state_backup_read(image.data, image.len, fixture_keys[KEY_RAW], &backup, NULL), 0);
	assert_int_equal(nftw(fixture_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	fixture_fill(1000);
	assert_int_equal(unlink(fixture_file), 0);
	assert_int_equal(state_restore(&fixture_options, &backup, &err), -ESTALE);
	assert_non_null(strstr(err.text, "held another TPM"));
	fixture_options.new_identity = true;
	assert_int_equal(state_restore(&fixture_options, &backup, &err), 0);
}

static void a_backup_that_is_none_is_refused(void **state)
{
	cleanup_wiped struct wiped image = { 0 };
	struct state_backup backup = { 0 };
	struct error err;

	(void)state;
	make_backup(&image, KEY_RAW);
	for (size_t len = 0; len < image.len; len += 311) {
		int r = state_backup_read(image.data, len, fixture_keys[KEY_RAW], &backup, &err);

		assert_int_equal(r, -EBADMSG);
	}
	assert_int_equal(
		state_backup_read(image.data, image.len, fixture_keys[KEY_PASSWORD], &backup, &err),
		-EKEYREJECTED);
	assert_string_equal(err.text, "the backup was made with another kind of key: key");
	image.data[STATE_BLOCK + 100] ^= 1;
	assert_int_equal(
		state_backup_read(image.data, image.len, fixture_keys[KEY_RAW], &backup, &err),
		-EBADMSG);
	assert_string_equal(err.text, "corrupt: neither of its slots verifies");
}

static void a_backup_has_a_key_of_its_own(void **state)
{
	cleanup_wiped struct wiped image = { 0 };
	cleanup_with(state_closep) struct state *opened = fixture_open();
	struct error err;

	(void)state;
	assert_int_equal(state_backup_make(opened, fixture_keys[KEY_RAW], &image, &err), -ENOENT);
	assert_int_equal(fixture_store(opened, 1, 100), 0);
	assert_int_equal(state_backup_make(opened, fixture_keys[KEY_HOST], &image, &err), -EINVAL);
	assert_string_equal(err.text, "a backup needs a password or a key of its own");
}

static void no_memory_is_an_error_like_any_other(void **state)
{
	(void)state;
	for (int n = 1;; n++) {
		cleanup_wiped struct wiped image = { 0 };
		cleanup_with(state_backup_done) struct state_backup backup = { 0 };
		cleanup_with(state_closep) struct state *opened = fixture_open();
		int r;

		assert_int_equal(fixture_store(opened, 1, 1000), 0);
		assert_int_equal(save(opened, "saved"), 0);
		fault_arm(n, ENOMEM, FAULT_ALLOCATIONS);
		r = state_backup_make(opened, fixture_keys[KEY_RAW], &image, NULL);
		if (r == 0)
			r = state_backup_read(image.data, image.len, fixture_keys[KEY_RAW], &backup,
					      NULL);
		if (r == 0)
			r = state_rekey(opened, fixture_keys[KEY_PLAIN], NULL);
		if (!fault_disarm()) {
			assert_int_equal(r, 0);
			break;
		}
		assert_true(r == 0 || r == -ENOMEM);
		fixture_tear_down(NULL);
		state_close(take_ptr(opened));
		fixture_set_up(NULL);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(storing_works_again_once_there_is_room),
		TEST(removed_files_are_made_again),
		TEST(a_removed_directory_stays_removed),
		TEST(a_key_is_changed_for_any_other),
		TEST(a_change_of_the_key_that_stops_half_way_is_finished),
		TEST(an_old_state_is_converted_at_its_first_start),
		TEST(who_only_looks_converts_nothing),
		TEST(an_old_state_without_room_is_served),
		TEST(a_conversion_that_stops_half_way_is_finished),
		TEST(volatile_state_is_resumed_once),
		TEST(a_tpm_is_replaced_as_a_whole_or_not_at_all),
		TEST(what_is_not_this_tpms_volatile_state_is_refused),
		TEST(a_backup_is_restored_as_the_same_tpm),
		TEST(a_restored_tpm_is_known_until_it_was_told),
		TEST(a_backup_goes_not_where_another_tpm_was),
		TEST(a_backup_that_is_none_is_refused),
		TEST(a_backup_has_a_key_of_its_own),
		TEST(no_memory_is_an_error_like_any_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
