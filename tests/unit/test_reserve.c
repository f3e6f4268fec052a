/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/lease_fixture.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/config/admin.h"
#include "runtime/config/entry.h"
#include "runtime/host/file_id.h"
#include "runtime/host/state_path.h"
#include "runtime/lease/index.h"
#include "runtime/lease/lease.h"
#include "runtime/lease/numbers.h"
#include "util/error.h"
#include "util/file.h"

/* What /proc/devices is to be; NULL: what it is. */
static const char *proc_devices;

int __real_read_path(const char *path, size_t most, char **ret, size_t *len);
int __wrap_read_path(const char *path, size_t most, char **ret, size_t *len);

int __wrap_read_path(const char *path, size_t most, char **ret, size_t *len)
{
	if (proc_devices == NULL || strcmp(path, "/proc/devices") != 0)
		return __real_read_path(path, most, ret, len);
	if (strlen(proc_devices) > most)
		return -EFBIG;
	*ret = strdup(proc_devices);
	return *ret != NULL ? 0 : -ENOMEM;
}

static void the_major_is_the_first_that_is_free_or_ours(void **state)
{
	static const char devices[] = "Character devices:\n  1 mem\n120 tpm-x\n121 other\n\n"
				      "Block devices:\n122 virtblk\n";
	cleanup_with(lease_index_freep) struct lease_index *index = NULL;
	cleanup_free struct lease *lease = NULL;
	uint32_t major;

	(void)state;
	assert_int_equal(lease_index_new(&index), 0);
	assert_int_equal(numbers_free_major(index, devices, &major), 0);
	assert_int_equal(major, 122); /* block devices have numbers of their own */
	assert_int_equal(numbers_free_major(index, "Character devices:\n", &major), 0);
	assert_int_equal(major, 120);

	assert_int_equal(lease_new(1, &lease), 0);
	(void)strcpy(lease->id, "c");
	(void)strcpy(lease->hash, "abcdef");
	(void)strcpy(lease->vtpms[0].nodes[0].name, "tpm-c");
	(void)strcpy(lease->vtpms[0].state_path, "/s");
	lease->vtpms[0].major = 121;
	assert_int_equal(lease_index_put(index, lease), 0);
	assert_int_equal(numbers_free_major(index, devices, &major), 0);
	assert_int_equal(major, 121);
}

static struct admin_config test_admin(void)
{
	return (struct admin_config){ .major = 120, .most = 100 };
}

/* Container ID asks for ENTRIES. */
static int ask(const struct admin_config *admin, const char *id, struct vtpm_entry *entries,
	       size_t *count, struct lease **ret, struct error *err)
{
	return lease_fixture_reserve(admin, id, NULL, entries, count, ret, err);
}

static void a_name_made_of_other_parts_is_refused(void **state)
{
	struct vtpm_entry first = entry_fixture("c", "/tmp/vtpm-test-x"),
			  second = entry_fixture("b-c", "/tmp/vtpm-test-y");
	cleanup_free struct lease *lease = NULL, *other = NULL;
	const struct admin_config admin = test_admin();
	struct error err = { "" };
	size_t count = 1;

	(void)state;
	assert_int_equal(ask(&admin, "a-b", &first, &count, &lease, NULL), 0);
	assert_string_equal(lease->vtpms[0].nodes[0].name, "tpm-abcdef-a-b-c");
	assert_int_equal(ask(&admin, "a", &second, &count, &other, &err), -EBUSY);
	assert_string_equal(err.text, "vTPM /dev/tpmb-c: the device's name tpm-abcdef-a-b-c is "
				      "taken by container a-b");
	assert_null(other);
}

static void a_container_that_has_a_lease_keeps_it(void **state)
{
	struct vtpm_entry first = entry_fixture("0", "/tmp/vtpm-test-x"),
			  second = entry_fixture("1", "/tmp/vtpm-test-y");
	cleanup_free struct lease *lease = NULL, *other = NULL;
	const struct admin_config admin = test_admin();
	struct error err = { "" };
	size_t count = 1;

	(void)state;
	assert_int_equal(ask(&admin, "a", &first, &count, &lease, NULL), 0);
	assert_int_equal(ask(&admin, "a", &second, &count, &other, &err), -EBUSY);
	assert_string_equal(err.text, "a container a has vTPMs already, that of bundle /bundle");
}

static void as_many_are_made_as_the_host_may_have(void **state)
{
	struct vtpm_entry entries[] = { entry_fixture("0", "/tmp/vtpm-test-x"),
					entry_fixture("1", "/tmp/vtpm-test-y"),
					entry_fixture("2", "/tmp/vtpm-test-z") };
	cleanup_free struct lease *lease = NULL;
	struct admin_config admin = test_admin();
	struct error err = { "" };
	size_t count = 3;

	(void)state;
	admin.most = 2;
	assert_int_equal(ask(&admin, "a", entries, &count, &lease, &err), -EUSERS);
	assert_string_equal(err.text, "vTPM /dev/tpm2: 2 vTPMs exist and this host may have 2 "
				      "(maxVTPMs)");
	assert_int_equal(count, 3);
	admin.ignore_errors = true;
	assert_int_equal(ask(&admin, "a", entries, &count, &lease, NULL), 0);
	assert_int_equal(count, 2);
	assert_int_equal(lease->count, 2);
	assert_string_equal(lease->vtpms[1].nodes[0].path, "/dev/tpm1");
}

static void given_numbers_come_first(void **state)
{
	struct vtpm_entry entries[] = { entry_fixture("0", "/tmp/vtpm-test-x"),
					entry_fixture("1", "/tmp/vtpm-test-y"),
					entry_fixture("2", "/tmp/vtpm-test-z") };
	cleanup_free struct lease *lease = NULL;
	const struct admin_config admin = test_admin();
	size_t count = 3;

	(void)state;
	entries[1].major = entries[2].major = 120;
	entries[1].minor = 0;
	entries[2].minor = 2;
	assert_int_equal(ask(&admin, "a", entries, &count, &lease, NULL), 0);
	assert_int_equal(lease->vtpms[0].nodes[0].minor, 1);
	assert_int_equal(lease->vtpms[0].nodes[1].minor, 3);
	assert_int_equal(lease->vtpms[1].nodes[0].minor, 0);
	assert_int_equal(lease->vtpms[1].nodes[1].minor, 4);
	assert_int_equal(lease->vtpms[2].nodes[0].minor, 2);
}

static void a_thousand_devices_and_their_twins_can_be_there(void **state)
{
	static char many[2048 * 70 + 64];
	struct vtpm_entry first = entry_fixture("0", "/tmp/vtpm-test-x");
	cleanup_free struct lease *lease = NULL;
	struct admin_config admin = test_admin();
	size_t used, count = 1;

	(void)state;
	used = (size_t)sprintf(many, "Character devices:\n");
	for (int i = 0; i < 2048; i++)
		used += (size_t)sprintf(many + used, "120 tpm-%060d\n", i);
	(void)sprintf(many + used, "\nBlock devices:\n");
	admin.major = 0;
	proc_devices = many;
	assert_int_equal(ask(&admin, "a", &first, &count, &lease, NULL), 0);
	proc_devices = NULL;
	assert_int_equal(lease->vtpms[0].major, 121);
}

static void resolved(const char *path, const char *expected, bool expected_exists)
{
	char got[PATH_MAX];
	bool exists;

	assert_int_equal(state_path_resolve(scratch_path(path), got, &exists, NULL), 0);
	assert_string_equal(got, scratch_path(expected));
	assert_int_equal(exists, expected_exists);
}

static void not_resolved(const char *path)
{
	char got[PATH_MAX];
	bool exists;

	assert_true(state_path_resolve(scratch_path(path), got, &exists, NULL) < 0);
}

static void paths_are_resolved_though_they_do_not_exist(void **state)
{
	(void)state;
	assert_int_equal(mkdir("real", 0700), 0);
	assert_int_equal(symlink("real", "link"), 0);
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	resolved("real", "real", true);
	resolved("link", "real", true);
	resolved("link/new", "real/new", false);
	resolved("link/new/deep", "real/new/deep", false);
	resolved("link/../real/new", "real/new", false);
	resolved("real/", "real", true);
	resolved("link/new//", "real/new", false);
	not_resolved("dangling");
	not_resolved("dangling/new");
	not_resolved("new/../other");
	not_resolved("new/..");
	not_resolved("new/./x");
	not_resolved("new//x");
}

static void a_state_is_removed_with_all_in_it_but_not_what_links_lead_to(void **state)
{
	struct file_id id = { 0 };
	int lock_fd = -1;
	FILE *file;

	(void)state;
	assert_int_equal(mkdir("outside", 0700), 0);
	assert_int_equal(mkdir("outside/kept", 0700), 0);
	assert_int_equal(state_path_make("state", NULL, NULL, &id, NULL), 0);
	assert_int_equal(state_path_lock("state", &id, &lock_fd, NULL), 0);
	assert_false(state_path_is_used("state"));
	assert_int_equal(mkdir("state/sub", 0700), 0);
	assert_int_equal(symlink("../outside", "state/link"), 0);
	file = fopen("state/sub/file", "w");
	assert_non_null(file);
	(void)fclose(file);
	assert_true(state_path_is_used("state"));

	/* As long as somebody has it locked it stays. */
	assert_int_equal(state_path_remove("state", &id, NULL), -EBUSY);
	(void)close(lock_fd);
	assert_int_equal(state_path_remove("state", &id, NULL), 0);
	assert_int_equal(access("state", F_OK), -1);
	assert_int_equal(access("outside/kept", F_OK), 0);
	assert_int_equal(state_path_remove("state", &id, NULL), 0);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void a_state_is_made_with_its_parents_whatever_the_umask(void **state)
{
	struct file_id id = { 0 };
	mode_t old = umask(077);

	(void)state;
	assert_int_equal(state_path_make(scratch_path("a/b/state"), NULL, NULL, &id, NULL), 0);
	assert_true(file_id_known(&id));
	assert_int_equal(mode_of("a"), 0700);
	assert_int_equal(mode_of("a/b"), 0700);
	assert_int_equal(mode_of("a/b/state"), 0700);
	assert_int_equal(umask(old), 077);
}

static void what_somebody_else_has_made_is_not_taken_for_ours(void **state)
{
	struct file_id id = { 0 };
	struct error err = { "" };
	int lock_fd = -1;

	(void)state;
	assert_int_equal(mkdir("victim", 0700), 0);
	assert_int_equal(mkdir("theirs", 0700), 0);
	assert_int_equal(symlink("victim", "link"), 0);
	assert_int_equal(state_path_make("theirs", NULL, NULL, &id, NULL), -EEXIST);
	assert_int_equal(state_path_make("link", NULL, NULL, &id, &err), -EEXIST);
	assert_string_equal(err.text, "make state directory link: File exists");
	assert_int_equal(state_path_make("link/state", NULL, NULL, &id, NULL), -ELOOP);
	assert_false(file_id_known(&id));
	assert_int_equal(access("victim/state", F_OK), -1);
	assert_int_equal(state_path_lock("link", &id, &lock_fd, NULL), -ELOOP);
	assert_int_equal(access("victim/.runc-lock", F_OK), -1);
}

static void a_directory_that_took_the_place_of_the_state_stays(void **state)
{
	struct file_id id = { 0 }, unknown = { 0 };
	struct error err = { "" };
	int lock_fd = -1;

	(void)state;
	assert_int_equal(mkdir("vol", 0700), 0);
	assert_int_equal(state_path_make("vol/state", NULL, NULL, &id, NULL), 0);
	assert_int_equal(rename("vol", "moved"), 0);
	assert_int_equal(mkdir("precious", 0700), 0);
	assert_int_equal(mkdir("precious/state", 0700), 0);
	assert_int_equal(mkdir("precious/state/file", 0700), 0);
	assert_int_equal(symlink("precious", "vol"), 0);
	assert_int_equal(state_path_remove("vol/state", &id, &err), -ELOOP);
	assert_int_equal(unlink("vol"), 0);
	assert_int_equal(rename("precious", "vol"), 0);
	assert_int_equal(state_path_remove("vol/state", &id, &err), -ESTALE);
	assert_string_equal(err.text, "vol/state is not the directory that was made for the vTPM");
	assert_int_equal(state_path_lock("vol/state", &id, &lock_fd, NULL), -ESTALE);

	/* A hook that was killed may have made it, or not. */
	assert_int_equal(state_path_remove("vol/state", &unknown, NULL), -ENOTEMPTY);
	assert_int_equal(access("vol/state/file", F_OK), 0);
	assert_int_equal(rmdir("vol/state/file"), 0);
	assert_int_equal(state_path_remove("vol/state", &unknown, NULL), 0);
	assert_int_equal(state_path_remove("/", &unknown, NULL), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_major_is_the_first_that_is_free_or_ours,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_name_made_of_other_parts_is_refused,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_container_that_has_a_lease_keeps_it,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(as_many_are_made_as_the_host_may_have,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(given_numbers_come_first, scratch_set_up,
						scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_thousand_devices_and_their_twins_can_be_there,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(paths_are_resolved_though_they_do_not_exist,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(
			a_state_is_removed_with_all_in_it_but_not_what_links_lead_to,
			scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_state_is_made_with_its_parents_whatever_the_umask,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(what_somebody_else_has_made_is_not_taken_for_ours,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_directory_that_took_the_place_of_the_state_stays,
						scratch_set_up, scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
