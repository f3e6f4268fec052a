/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/lease/lease.h"
#include "runtime/lease/dir.h"
#include "util/error.h"
#include "util/file.h"

static struct lease *make(const char *id, uint32_t minor)
{
	struct lease *lease;

	assert_int_equal(lease_new(1, &lease), 0);
	(void)strcpy(lease->id, id);
	(void)strcpy(lease->hash, "abcdef");
	(void)strcpy(lease->bundle, "/b");
	lease->init = (struct process){ .pid = 7, .start = 99 };
	(void)sprintf(lease->vtpms[0].name, "tpm-abcdef-%s-0", id);
	(void)sprintf(lease->vtpms[0].twin, "tpmrm-abcdef-%s-0", id);
	(void)strcpy(lease->vtpms[0].path, "/dev/tpm0");
	(void)strcpy(lease->vtpms[0].twin_path, "/dev/tpmrm0");
	(void)sprintf(lease->vtpms[0].state_path, "/state/%s", id);
	lease->vtpms[0].state_id = (struct file_id){ .dev = 2049, .ino = UINT64_MAX };
	lease->vtpms[0].twin_point = (struct file_id){ .dev = 1, .ino = 2 };
	lease->vtpms[0].created = true;
	lease->vtpms[0].major = 120;
	lease->vtpms[0].minor = minor;
	lease->vtpms[0].twin_minor = minor + 1;
	return lease;
}

static void a_lease_comes_back_from_its_text(void **state)
{
	cleanup_free struct lease *lease = make("c1", 4), *back = NULL;
	cleanup_free char *text = NULL;

	(void)state;
	assert_int_equal(lease_format(lease, &text), 0);
	assert_int_equal(lease_parse(text, strlen(text), &back, NULL), 0);
	assert_memory_equal(back, lease, sizeof(*lease) + sizeof(lease->vtpms[0]));
}

static void a_lease_of_an_older_version_is_read(void **state)
{
	cleanup_free struct lease *lease = make("c1", 4), *back = NULL;
	cleanup_free char *text = NULL;
	char *key;

	(void)state;
	assert_int_equal(lease_format(lease, &text), 0);
	key = strstr(text, "stateId");
	assert_non_null(key);
	*key = 'x';
	assert_int_equal(lease_parse(text, strlen(text), &back, NULL), 0);
	assert_false(file_id_known(&back->vtpms[0].state_id));
	assert_true(back->vtpms[0].created);
}

/* Of tests/golden, as vtpm-hook of that release wrote it. */
static struct lease *read_golden(const char *name)
{
	const char *top = getenv("SRCDIR");
	cleanup_free char *path = NULL, *text = NULL;
	struct lease *lease = NULL;
	struct error err = { "" };
	size_t len;

	if (top == NULL)
		skip();
	assert_true(asprintf(&path, "%s/tests/golden/%s", top, name) > 0);
	assert_int_equal(read_file(AT_FDCWD, path, LEASE_MAX, &text, &len), 0);
	(void)lease_parse(text, len, &lease, &err);
	assert_string_equal(err.text, "");
	assert_non_null(lease);
	assert_string_equal(lease->id, "one");
	assert_int_equal(strlen(lease->hash), 6);
	assert_true(lease->init.pid > 0 && lease->init.start > 0);
	assert_int_equal(lease->count, 1);
	return lease;
}

static void a_lease_of_0_1_0_is_read(void **state)
{
	cleanup_free struct lease *lease = read_golden("0.1.0/lease.json");
	const struct lease_vtpm *vtpm = &lease->vtpms[0];

	(void)state;
	assert_string_equal(vtpm->path, "/dev/tpm0");
	assert_string_equal(vtpm->twin_path, "/dev/tpmrm0");
	assert_int_equal(strncmp(vtpm->name, "tpm-", 4), 0);
	assert_int_equal(strncmp(vtpm->twin, "tpmrm-", 6), 0);
	assert_non_null(strstr(vtpm->cgroup, vtpm->name));
	assert_true(file_id_known(&vtpm->state_id));
	assert_true(vtpm->created);
	assert_false(vtpm->managed);
	assert_int_equal(vtpm->twin_minor, vtpm->minor + 1);
	assert_true(vtpm->server.pid > 0 && vtpm->server.start > 0);
}

static void a_lease_of_0_1_0_has_the_points_of_a_user_namespace(void **state)
{
	cleanup_free struct lease *lease = read_golden("0.1.0/lease-userns.json");
	const struct lease_vtpm *vtpm = &lease->vtpms[0];

	(void)state;
	assert_true(vtpm->managed);
	assert_true(file_id_known(&vtpm->point));
	assert_true(file_id_known(&vtpm->alias_point));
	assert_true(file_id_known(&vtpm->twin_point));
	assert_true(file_id_known(&vtpm->twin_alias_point));
}

static void refused(const char *old, const char *new, const char *message)
{
	cleanup_free struct lease *lease = make("c1", 4), *back = NULL;
	cleanup_free char *text = NULL;
	struct error err = { "" };
	char changed[4096], *at;

	assert_int_equal(lease_format(lease, &text), 0);
	at = strstr(text, old);
	assert_non_null(at);
	(void)snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text), text, new,
		       at + strlen(old));
	assert_int_equal(lease_parse(changed, strlen(changed), &back, &err), -EINVAL);
	assert_string_equal(err.text, message);
}

static void a_lease_that_could_remove_the_wrong_thing_is_refused(void **state)
{
	(void)state;
	refused("\"/state/c1\"", "\"state/c1\"", "statePath is missing or wrong");
	refused("\"tpm-abcdef-c1-0\"", "\"../x\"", "name is missing or wrong");
	refused("/dev/tpm0", "/etc/tpm0", "path or twinPath is not in /dev");
	refused("/dev/tpmrm0", "/dev/../x", "path or twinPath is not in /dev");
	refused("\"abcdef\"", "\"a/b\"", "hash is missing or wrong");
	refused("\"c1\"", "\"\"", "id or hash is empty");
	refused("\"created\": true", "\"created\": 1", "created is missing or wrong");
	refused("\"ino\": -1", "\"ino\": \"\"", "stateId is missing or wrong");
	refused("\"pid\": 7", "\"pid\": -7", "init is missing or wrong");
	refused("\"vtpms\"", "\"other\"", "vtpms is missing or wrong");
}

static bool never_taken(uint32_t major, uint32_t minor)
{
	(void)major, (void)minor;
	return false;
}

static bool low_taken(uint32_t major, uint32_t minor)
{
	return major == 120 && minor < 10;
}

static void leases_hold_their_numbers_and_states(void **state)
{
	cleanup_with(lease_dir_closep) struct lease_dir *dir = NULL;
	cleanup_free struct lease *lease = make("c1", 1);
	size_t bad;

	assert_int_equal(lease_dir_open(*state, &dir, NULL), 0);
	assert_int_equal(lease_dir_put(dir, lease, NULL), 0);
	lease_dir_close(take_ptr(dir));

	assert_int_equal(lease_dir_open(*state, &dir, NULL), 0);
	assert_int_equal(lease_dir_load(dir, &bad, NULL), 0);
	assert_int_equal(bad, 0);
	assert_int_equal(lease_dir_count(dir), 1);
	assert_string_equal(lease_dir_number_owner(dir, 120, 1), "c1");
	assert_string_equal(lease_dir_number_owner(dir, 120, 2), "c1");
	assert_null(lease_dir_number_owner(dir, 120, 3));
	assert_null(lease_dir_number_owner(dir, 121, 1));
	assert_string_equal(lease_dir_state_owner(dir, "/state/c1"), "c1");
	assert_null(lease_dir_state_owner(dir, "/state/c"));

	assert_int_equal(lease_dir_remove(dir, lease_dir_get(dir, 0), NULL), 0);
	assert_null(lease_dir_get(dir, 0));
	assert_null(lease_dir_number_owner(dir, 120, 1));
	assert_int_equal(lease_dir_remove(dir, lease, NULL), 0);
}

static void numbers_go_round_and_skip_what_is_taken(void **state)
{
	cleanup_with(lease_dir_closep) struct lease_dir *dir = NULL;
	cleanup_free struct lease *lease = make("c1", 10);
	uint32_t minor;
	size_t bad;

	assert_int_equal(lease_dir_open(*state, &dir, NULL), 0);
	assert_int_equal(lease_dir_put(dir, lease, NULL), 0);
	assert_int_equal(lease_dir_load(dir, &bad, NULL), 0);
	assert_int_equal(lease_dir_next_minor(dir, 120, low_taken, &minor, NULL), 0);
	assert_int_equal(minor, 12); /* 10 and 11 are the lease's */
	lease_dir_close(take_ptr(dir));

	/* Also after the one that had it is gone, and by another process. */
	assert_int_equal(lease_dir_open(*state, &dir, NULL), 0);
	assert_int_equal(lease_dir_next_minor(dir, 120, never_taken, &minor, NULL), 0);
	assert_int_equal(minor, 13);
}

/* Of container "big", with paths of LEN bytes C. */
static struct lease *make_big(size_t count, size_t len, char c)
{
	cleanup_free struct lease *one = make("big", 4);
	struct lease *lease;

	memset(one->vtpms[0].state_path + 1, c, len - 1);
	memset(one->vtpms[0].cgroup, c, len);
	one->vtpms[0].cgroup[0] = '/';
	assert_int_equal(lease_new(count, &lease), 0);
	memcpy(lease, one, sizeof(*lease));
	lease->count = count;
	for (size_t i = 0; i < count; i++)
		lease->vtpms[i] = one->vtpms[0];
	return lease;
}

static int put(const char *path, struct lease *lease, struct error *err)
{
	cleanup_with(lease_dir_closep) struct lease_dir *dir = NULL;
	cleanup_free struct lease *owned = lease;

	assert_int_equal(lease_dir_open(path, &dir, NULL), 0);
	return lease_dir_put(dir, owned, err);
}

static void what_is_written_can_be_read_again(void **state)
{
	cleanup_with(lease_dir_closep) struct lease_dir *dir = NULL;
	struct error err = { "" };
	size_t bad;

	assert_int_equal(put(*state, make_big(LEASE_VTPMS_MAX, PATH_MAX - 1, '\1'), &err), -EFBIG);
	assert_string_equal(err.text, "write the lease of big: File too large");
	assert_int_equal(put(*state, make_big(LEASE_VTPMS_MAX + 1, 10, 'x'), NULL), -EFBIG);
	assert_int_equal(put(*state, make_big(256, PATH_MAX - 1, 'x'), NULL), 0);
	assert_int_equal(lease_dir_open(*state, &dir, NULL), 0);
	assert_int_equal(lease_dir_load(dir, &bad, NULL), 0);
	assert_int_equal(bad, 0);
	assert_int_equal(lease_dir_count(dir), 256);
}

static void a_file_that_is_no_lease_is_set_aside(void **state)
{
	cleanup_with(lease_dir_closep) struct lease_dir *dir = NULL;
	cleanup_close int fd = -1;
	size_t bad;

	assert_int_equal(open_dir(*state, 0700, &fd, NULL), 0);
	assert_int_equal(replace_file(fd, "abcdef-x.json", "{", 1, 0600), 0);
	assert_int_equal(lease_dir_open(*state, &dir, NULL), 0);
	assert_int_equal(lease_dir_load(dir, &bad, NULL), 0);
	assert_int_equal(bad, 1);
	assert_null(lease_dir_get(dir, 0));
	assert_int_equal(faccessat(fd, "abcdef-x.json.bad", F_OK, 0), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lease_comes_back_from_its_text),
		cmocka_unit_test(a_lease_of_an_older_version_is_read),
		cmocka_unit_test(a_lease_of_0_1_0_is_read),
		cmocka_unit_test(a_lease_of_0_1_0_has_the_points_of_a_user_namespace),
		cmocka_unit_test(a_lease_that_could_remove_the_wrong_thing_is_refused),
		cmocka_unit_test_setup_teardown(leases_hold_their_numbers_and_states,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(numbers_go_round_and_skip_what_is_taken,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(what_is_written_can_be_read_again, scratch_set_up,
						scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_is_no_lease_is_set_aside,
						scratch_set_up, scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
