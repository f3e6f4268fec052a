/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/lease_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/lease/lease.h"
#include "util/error.h"
#include "util/file.h"

static void a_lease_comes_back_from_its_text(void **state)
{
	cleanup_free struct lease *lease = lease_fixture("c1", 4), *back = NULL;
	cleanup_free char *text = NULL;

	(void)state;
	assert_int_equal(lease_format(lease, &text), 0);
	assert_int_equal(lease_parse(text, strlen(text), &back, NULL), 0);
	assert_memory_equal(back, lease, sizeof(*lease) + sizeof(lease->vtpms[0]));
}

static void a_lease_of_an_older_version_is_read(void **state)
{
	cleanup_free struct lease *lease = lease_fixture("c1", 4), *back = NULL;
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
	assert_string_equal(vtpm->nodes[0].path, "/dev/tpm0");
	assert_string_equal(vtpm->nodes[1].path, "/dev/tpmrm0");
	assert_int_equal(strncmp(vtpm->nodes[0].name, "tpm-", 4), 0);
	assert_int_equal(strncmp(vtpm->nodes[1].name, "tpmrm-", 6), 0);
	assert_non_null(strstr(vtpm->cgroup, vtpm->nodes[0].name));
	assert_true(file_id_known(&vtpm->state_id));
	assert_true(vtpm->created);
	assert_false(vtpm->managed);
	assert_int_equal(vtpm->nodes[1].minor, vtpm->nodes[0].minor + 1);
	assert_true(vtpm->server.pid > 0 && vtpm->server.start > 0);
}

static void a_lease_of_0_1_0_has_the_points_of_a_user_namespace(void **state)
{
	cleanup_free struct lease *lease = read_golden("0.1.0/lease-userns.json");
	const struct lease_vtpm *vtpm = &lease->vtpms[0];

	(void)state;
	assert_true(vtpm->managed);
	assert_true(file_id_known(&vtpm->nodes[0].point));
	assert_true(file_id_known(&vtpm->nodes[0].alias_point));
	assert_true(file_id_known(&vtpm->nodes[1].point));
	assert_true(file_id_known(&vtpm->nodes[1].alias_point));
}

static void a_runtime_that_forgets_rules_is_noted(void **state)
{
	cleanup_free struct lease *lease = lease_fixture("c1", 4), *back = NULL;
	cleanup_free char *text = NULL;

	(void)state;
	lease->forgets_rules = true;
	assert_int_equal(lease_format(lease, &text), 0);
	assert_int_equal(lease_parse(text, strlen(text), &back, NULL), 0);
	assert_true(back->forgets_rules);
}

static void what_was_attached_and_taken_back_is_noted(void **state)
{
	cleanup_free struct lease *lease = lease_fixture("c1", 4), *back = NULL;
	cleanup_free char *text = NULL;

	(void)state;
	lease->attached = lease->vtpms[0].detached = true;
	assert_int_equal(lease_format(lease, &text), 0);
	assert_int_equal(lease_parse(text, strlen(text), &back, NULL), 0);
	assert_true(back->attached);
	assert_true(back->vtpms[0].detached);
}

static void refused(const char *old, const char *new, const char *message)
{
	cleanup_free struct lease *lease = lease_fixture("c1", 4), *back = NULL;
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
	refused("\"tpm-abcdef-c1-0\"", "\".tpm\"", "name is missing or wrong");
	refused("\"tpmrm-abcdef-c1-0\"", "\"..\"", "twin is missing or wrong");
	refused("/dev/tpm0", "/dev/.tpm0", "path or twinPath is not in /dev");
	refused("/dev/tpm0", "/etc/tpm0", "path or twinPath is not in /dev");
	refused("/dev/tpmrm0", "/dev/../x", "path or twinPath is not in /dev");
	refused("\"abcdef\"", "\"a/b\"", "hash is missing or wrong");
	refused("\"abcdef\"", "\".a\"", "hash is missing or wrong");
	refused("\"c1\"", "\".c1\"", "id is missing or wrong");
	refused("\"c1\"", "\"\"", "id or hash is empty");
	refused("\"created\": true", "\"created\": 1", "created is missing or wrong");
	refused("\"ino\": -1", "\"ino\": \"\"", "stateId is missing or wrong");
	refused("\"pid\": 7", "\"pid\": -7", "init is missing or wrong");
	refused("\"vtpms\"", "\"other\"", "vtpms is missing or wrong");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lease_comes_back_from_its_text),
		cmocka_unit_test(a_lease_of_an_older_version_is_read),
		cmocka_unit_test(a_lease_of_0_1_0_is_read),
		cmocka_unit_test(a_lease_of_0_1_0_has_the_points_of_a_user_namespace),
		cmocka_unit_test(a_runtime_that_forgets_rules_is_noted),
		cmocka_unit_test(what_was_attached_and_taken_back_is_noted),
		cmocka_unit_test(a_lease_that_could_remove_the_wrong_thing_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
