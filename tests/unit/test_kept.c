/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/lease_fixture.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/config/class.h"
#include "runtime/config/entry.h"
#include "runtime/host/kept.h"
#include "runtime/lease/book.h"
#include "runtime/lease/lease.h"
#include "runtime/life/keep.h"
#include "runtime/server/launch.h"
#include "util/cleanup.h"
#include "util/error.h"

static struct kept record(const char *dir)
{
	struct kept kept = { .class = "web", .owner = "root.abcdef", .container = "c1" };

	(void)snprintf(kept.path, sizeof(kept.path), "%s/state", dir);
	(void)snprintf(kept.anchor, sizeof(kept.anchor), "%s/layers/c1", dir);
	(void)mkdir("layers", 0700);
	(void)mkdir("layers/c1", 0700);
	assert_int_equal(kept_look(&kept), 0);
	return kept;
}

#define ID "0123456789abcdef0123456789abcdef"

static void a_record_is_what_was_written(void **state)
{
	struct kept kept = record(*state), again;
	cleanup_free char *text = NULL;

	kept.missing_since = 7;
	(void)strcpy(kept.identity, ID);
	kept.since = 1700000000;
	kept.away = true;
	assert_int_equal(kept_format(&kept, &text), 0);
	assert_int_equal(kept_parse(text, strlen(text), &again, NULL), 0);
	assert_string_equal(again.path, kept.path);
	assert_string_equal(again.anchor, kept.anchor);
	assert_int_equal(again.self.ino, kept.self.ino);
	assert_int_equal(again.above.seconds, kept.above.seconds);
	assert_int_equal(again.missing_since, 7);
	assert_string_equal(again.identity, ID);
	assert_int_equal(again.since, 1700000000);
	assert_true(again.away);
	assert_int_equal(kept_parse("{}", 2, &again, NULL), -EINVAL);
	assert_int_equal(kept_write(*state, &kept, NULL), 0);
	assert_int_equal(kept_read(*state, kept.path, &again), 0);
	kept_remove(*state, kept.path);
	assert_int_equal(kept_read(*state, kept.path, &again), -ENOENT);
}

static void a_container_is_gone_when_it_was_missing_for_ten_minutes(void **state)
{
	struct kept kept = record(*state);

	assert_int_equal(kept_judge(&kept, 1000), KEPT_STAYS);
	assert_int_equal(rmdir("layers/c1"), 0);
	assert_int_equal(kept_judge(&kept, 1000), KEPT_CHANGED);
	assert_int_equal(kept_judge(&kept, 1599), KEPT_STAYS);
	assert_int_equal(kept_judge(&kept, 1600), KEPT_GONE);
	assert_int_equal(kept_judge(&kept, 900), KEPT_CHANGED);
	assert_int_equal(kept.missing_since, 900);
	assert_int_equal(mkdir("layers/c1", 0700), 0);
	assert_int_equal(kept_judge(&kept, 5000), KEPT_CHANGED);
	assert_int_equal(kept.missing_since, 0);
}

static void a_storage_that_is_away_or_another_one_says_nothing(void **state)
{
	struct kept kept = record(*state), named = kept;

	assert_int_equal(rename("layers", "away"), 0);
	assert_int_equal(kept_judge(&kept, 1000), KEPT_CHANGED);
	assert_true(kept.away);
	assert_int_equal(kept_judge(&kept, 1000), KEPT_STAYS);
	assert_int_equal(mkdir("layers", 0700), 0);
	assert_int_equal(kept_judge(&kept, 9000), KEPT_STAYS);
	assert_int_equal(kept.missing_since, 0);
	assert_int_equal(rmdir("layers"), 0);
	assert_int_equal(rename("away", "layers"), 0);
	assert_int_equal(kept_judge(&kept, 9000), KEPT_CHANGED);
	assert_false(kept.away);
	assert_int_equal(kept_judge(&kept, 20000), KEPT_STAYS);
	named.anchor[0] = '\0';
	assert_int_equal(kept_judge(&named, 9000), KEPT_STAYS);
}

/* --- states --- */

static void keep_one(const char *dir, const char *anchor)
{
	char path[PATH_MAX], full[PATH_MAX];
	const struct class_claim claim = {
		.class = "web", .device = "", .owner = "root.abcdef", .kept = true, .anchor = full
	};
	struct vtpm_entry entry = { .state_path = path, .claim = &claim };
	const struct server_programs programs = { .run_dir = dir, .lib_dir = dir };
	struct keeping keeping;
	struct error err = { "" };

	(void)snprintf(path, sizeof(path), "%s/state", dir);
	(void)snprintf(full, sizeof(full), "%s/layers/%s", dir, anchor);
	assert_int_equal(keep_states(&programs, "c1", &entry, 1, &keeping, &err), 0);
	(void)mkdir("state", 0700);
	keeping_end(&keeping, &programs);
}

static size_t prune(const char *dir, int64_t now)
{
	const struct server_programs programs = { .run_dir = dir, .lib_dir = dir };
	size_t count = 0;

	assert_int_equal(kept_states_prune(&programs, now, &count, NULL), 0);
	return count;
}

static void the_state_of_a_removed_container_is_pruned(void **state)
{
	(void)record(*state);
	keep_one(*state, "c1");
	scratch_write("state/tpm", "x", 1);
	assert_int_equal(prune(*state, 1000), 0);
	assert_int_equal(rmdir("layers/c1"), 0);
	assert_int_equal(prune(*state, 2000), 0);
	assert_true(scratch_exists("state/tpm"));
	assert_int_equal(prune(*state, 2600), 1);
	assert_false(scratch_exists("state"));
	assert_int_equal(prune(*state, 9000), 0);
}

/* It is container c9's. */
static void use_state(const char *path)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = lease_fixture("c9", 4);

	(void)strcpy(lease->vtpms[0].state_path, path);
	assert_int_equal(lease_book_open(".", &book, NULL), 0);
	assert_int_equal(lease_book_put(book, lease, NULL), 0);
}

/* Of two that are gone, "other" is somebody's. */
static void a_kept_state_that_is_in_use_is_told_and_the_others_go(void **state)
{
	const struct server_programs programs = { .run_dir = *state, .lib_dir = *state };
	struct kept other = record(*state);
	struct error err = { "" };
	size_t count = 0;

	keep_one(*state, "c1");
	(void)snprintf(other.path, sizeof(other.path), "%s/other", (const char *)*state);
	assert_int_equal(kept_write(*state, &other, NULL), 0);
	use_state(other.path);
	assert_int_equal(rmdir("layers/c1"), 0);
	assert_int_equal(prune(*state, 2000), 0);
	assert_int_equal(kept_states_prune(&programs, 2600, &count, &err), -EBUSY);
	assert_non_null(strstr(err.text, "/other is in use"));
	assert_int_equal(count, 1);
	assert_false(scratch_exists("state"));
}

static void the_same_container_finds_its_state_and_another_does_not(void **state)
{
	(void)record(*state);
	assert_int_equal(mkdir("layers/c2", 0700), 0);
	keep_one(*state, "c1");
	scratch_write("state/tpm", "x", 1);
	keep_one(*state, "c1");
	assert_true(scratch_exists("state/tpm"));
	keep_one(*state, "c2");
	assert_false(scratch_exists("state/tpm"));
}

static int64_t since_of(const char *dir)
{
	char path[PATH_MAX];
	struct kept kept;

	(void)snprintf(path, sizeof(path), "%s/state", dir);
	assert_int_equal(kept_read(dir, path, &kept), 0);
	return kept.since;
}

static void a_state_is_as_old_as_its_first_start(void **state)
{
	struct kept kept = record(*state);

	kept.since = 1700000000;
	assert_int_equal(kept_write(*state, &kept, NULL), 0);
	keep_one(*state, "c1");
	assert_int_equal(since_of(*state), 1700000000);
	assert_int_equal(mkdir("layers/c2", 0700), 0);
	keep_one(*state, "c2");
	assert_true(since_of(*state) > 1700000000);
}

static void what_is_away_while_it_is_pruned_is_all_there_again(void **state)
{
	(void)record(*state);
	keep_one(*state, "c1");
	scratch_write("state/tpm", "x", 1);
	assert_int_equal(rename("layers", "away"), 0);
	for (int64_t now = 1000; now < 9000; now += 700)
		assert_int_equal(prune(*state, now), 0);
	assert_int_equal(rename("away", "layers"), 0);
	assert_int_equal(prune(*state, 9000), 0);
	assert_int_equal(prune(*state, 9600), 0);
	assert_true(scratch_exists("state/tpm"));
}

static void storage_that_was_moved_takes_no_state_along(void **state)
{
	(void)record(*state);
	keep_one(*state, "c1");
	scratch_write("state/tpm", "x", 1);
	assert_int_equal(rename("layers", "old"), 0);
	assert_int_equal(mkdir("layers", 0700), 0);
	assert_int_equal(mkdir("layers/c1", 0700), 0);
	keep_one(*state, "c1");
	assert_true(scratch_exists("state/tpm"));
}

static void a_state_is_removed_by_command_unless_a_container_has_it(void **state)
{
	const struct server_programs programs = { .run_dir = *state, .lib_dir = *state };
	cleanup_free struct lease *lease = lease_fixture("c9", 4);
	struct lease_book *book = NULL;
	struct error err = { "" };
	char path[PATH_MAX];

	(void)record(*state);
	keep_one(*state, "c1");
	(void)snprintf(path, sizeof(path), "%s/state", (const char *)*state);
	use_state(path);
	assert_int_equal(kept_state_remove(&programs, path, &err), -EBUSY);
	assert_true(scratch_exists("state"));
	assert_int_equal(lease_book_open(*state, &book, NULL), 0);
	assert_int_equal(lease_book_remove(book, lease, NULL), 0);
	lease_book_close(book);
	assert_int_equal(kept_state_remove(&programs, path, &err), 0);
	assert_false(scratch_exists("state"));
}

/* --- how many ------------------------------------------------------------------------------- */

struct wish {
	const char *owner, *path;
	int64_t max_states;
	bool per_namespace;
};

/* Keeps a state, and makes it if MADE says so. */
static int keep_wish(const char *dir, const struct wish *wish, bool made, struct error *err)
{
	const struct server_programs programs = { .run_dir = dir, .lib_dir = dir };
	const struct class_claim claim = { .class = "web",
					   .device = "",
					   .owner = wish->owner,
					   .max_states = wish->max_states,
					   .per_namespace = wish->per_namespace,
					   .kept = true };
	char path[PATH_MAX];
	struct vtpm_entry entry = { .state_path = path, .claim = &claim };
	struct keeping keeping;
	int r;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, wish->path);
	r = keep_states(&programs, "c1", &entry, 1, &keeping, err);
	if (made && r == 0)
		assert_int_equal(mkdir(path, 0700), 0);
	keeping_end(&keeping, &programs);
	return r;
}

static void a_class_keeps_as_many_states_as_it_may(void **state)
{
	struct error err = { "" };

	assert_int_equal(keep_wish(*state, &(struct wish){ "x", "1", 2, false }, true, NULL), 0);
	assert_int_equal(keep_wish(*state, &(struct wish){ "y", "2", 2, false }, true, NULL), 0);
	assert_int_equal(keep_wish(*state, &(struct wish){ "z", "3", 2, false }, true, &err),
			 -EUSERS);
	assert_string_equal(err.text,
			    "class web: its maxStates of 2 are kept: vtpm-hook state list");
	assert_int_equal(keep_wish(*state, &(struct wish){ "z", "3", 3, false }, true, NULL), 0);
	assert_int_equal(keep_wish(*state, &(struct wish){ "z", "4", 0, false }, true, NULL), 0);
}

static void a_state_that_is_kept_already_is_none_more(void **state)
{
	const struct wish wish = { "x", "1", 1, false };

	assert_int_equal(keep_wish(*state, &wish, true, NULL), 0);
	assert_int_equal(rmdir("1"), 0);
	assert_int_equal(keep_wish(*state, &wish, false, NULL), 0);
	assert_int_equal(keep_wish(*state, &wish, true, NULL), 0);
}

static void a_bound_per_namespace_is_each_owner_s_own(void **state)
{
	struct error err = { "" };

	assert_int_equal(keep_wish(*state, &(struct wish){ "x", "1", 1, true }, true, NULL), 0);
	assert_int_equal(keep_wish(*state, &(struct wish){ "y", "2", 1, true }, true, NULL), 0);
	assert_int_equal(keep_wish(*state, &(struct wish){ "y", "3", 1, true }, true, &err),
			 -EUSERS);
	assert_string_equal(err.text,
			    "class web: its maxStates of 1 are kept for y: vtpm-hook state list");
}

static void a_state_that_was_not_made_in_the_end_does_not_count(void **state)
{
	assert_int_equal(keep_wish(*state, &(struct wish){ "x", "1", 1, false }, false, NULL), 0);
	assert_int_equal(keep_wish(*state, &(struct wish){ "x", "2", 1, false }, true, NULL), 0);
}

/* --- which TPM ------------------------------------------------------------------------------ */

static void a_state_must_be_the_tpm_that_was_noted(void **state)
{
	static const char file[] = "id " ID "\nencryption host\n", bad[] = "id 0123\n";
	const struct server_programs programs = { .run_dir = *state, .lib_dir = *state };
	const struct class_claim claim = {
		.class = "web", .device = "", .owner = "x", .kept = true
	};
	struct vtpm_entry entry = { .claim = &claim }, later = { .claim = &claim };
	char path[PATH_MAX], text[PATH_MAX + 128];
	struct keeping keeping;
	struct error err;

	(void)snprintf(path, sizeof(path), "%s/1", (char *)*state);
	entry.state_path = later.state_path = path;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(keep_states(&programs, "c1", &entry, 1, &keeping, NULL), 0);
	keeping_end(&keeping, &programs);
	assert_null(vtpm_entry_identity(&entry));
	scratch_write("1/tpm.identity", bad, strlen(bad));
	keep_identities(&programs, &entry, 1);
	keep_expect(&programs, &later);
	assert_null(vtpm_entry_identity(&later));

	scratch_write("1/tpm.identity", file, strlen(file));
	keep_identities(&programs, &entry, 1);
	keep_expect(&programs, &later);
	assert_string_equal(vtpm_entry_identity(&later), ID);
	assert_int_equal(keep_states(&programs, "c2", &entry, 1, &keeping, NULL), 0);
	keeping_end(&keeping, &programs);
	assert_string_equal(vtpm_entry_identity(&entry), ID);

	assert_int_equal(rename("1", "2"), 0);
	assert_int_equal(keep_states(&programs, "c2", &entry, 1, &keeping, &err), -ENOENT);
	keeping_end(&keeping, &programs);
	(void)snprintf(text, sizeof(text),
		       "class web: the state that is kept in %s is not there; to give it up: "
		       "vtpm-hook state remove",
		       path);
	assert_string_equal(err.text, text);
	assert_int_equal(kept_state_remove(&programs, path, &err), 0);
	assert_int_equal(keep_states(&programs, "c2", &entry, 1, &keeping, NULL), 0);
	keeping_end(&keeping, &programs);
	assert_null(vtpm_entry_identity(&entry));
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FILE_TEST(a_record_is_what_was_written),
		FILE_TEST(a_container_is_gone_when_it_was_missing_for_ten_minutes),
		FILE_TEST(a_storage_that_is_away_or_another_one_says_nothing),
		FILE_TEST(the_state_of_a_removed_container_is_pruned),
		FILE_TEST(a_kept_state_that_is_in_use_is_told_and_the_others_go),
		FILE_TEST(a_state_is_removed_by_command_unless_a_container_has_it),
		FILE_TEST(the_same_container_finds_its_state_and_another_does_not),
		FILE_TEST(a_state_must_be_the_tpm_that_was_noted),
		FILE_TEST(a_class_keeps_as_many_states_as_it_may),
		FILE_TEST(a_state_that_is_kept_already_is_none_more),
		FILE_TEST(a_bound_per_namespace_is_each_owner_s_own),
		FILE_TEST(a_state_that_was_not_made_in_the_end_does_not_count),
		FILE_TEST(a_state_is_as_old_as_its_first_start),
		FILE_TEST(what_is_away_while_it_is_pruned_is_all_there_again),
		FILE_TEST(storage_that_was_moved_takes_no_state_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
