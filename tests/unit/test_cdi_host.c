/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/life/cdi_prune.h"
#include "util/cdi_host.h"
#include "util/error.h"

static void a_device_begins_and_ends_with_a_letter_or_digit(void **state)
{
	static const char *const good[] = { "a", "0", "tpm0", "a.b_c:d-e" };
	static const char *const bad[] = {
		"", ".a", "a.", "-a", "a_", "a b", "a/b", "a\xe4", "\xe4"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(cdi_name_is_valid(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(cdi_name_is_valid(bad[i]));
}

static void a_file_is_called_by_its_vtpm_and_known_by_it(void **state)
{
	char file[NAME_MAX + 1], name[NAME_MAX + 1];

	(void)state;
	assert_int_equal(cdi_host_file("tpm0", file), 0);
	assert_string_equal(file, "vtpm-cuse.org-host-tpm0.json");
	assert_true(cdi_host_name(file, name));
	assert_string_equal(name, "tpm0");
	assert_false(cdi_host_name("vtpm-cuse.org-host-.json", name));
	assert_false(cdi_host_name("vtpm-cuse.org-host-tpm0.json~", name));
	assert_false(cdi_host_name("vtpm-cuse.org-vtpm.json", name));
	assert_false(cdi_host_name("nvidia.json", name));
}

static void a_name_that_is_too_long_for_a_file_has_none(void **state)
{
	char file[NAME_MAX + 1], name[NAME_MAX + 1] = "";

	(void)state;
	memset(name, 'a', NAME_MAX - strlen("vtpm-cuse.org-host-.json"));
	assert_int_equal(cdi_host_file(name, file), 0);
	assert_int_equal(strlen(file), NAME_MAX);
	name[strlen(name)] = 'a';
	assert_int_equal(cdi_host_file(name, file), -ENAMETOOLONG);
}

static void only_files_of_vtpms_that_have_ended_are_pruned(void **state)
{
	static const char *const files[] = { "vtpm-cuse.org-host-tpm0.json",
					     "vtpm-cuse.org-host-tpm1.json",
					     "vtpm-cuse.org-vtpm.json", "other.json" };

	(void)state;
	assert_int_equal(mkdir("cdi", 0700), 0);
	assert_int_equal(mkdir("cuse", 0700), 0);
	scratch_write("cuse/tpm0", "", 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[NAME_MAX + 8];

		(void)snprintf(path, sizeof(path), "cdi/%s", files[i]);
		scratch_write(path, "{}", 2);
	}
	assert_int_equal(cdi_files_prune("cdi", "cuse", NULL), 0);
	assert_false(scratch_exists("cdi/vtpm-cuse.org-host-tpm1.json"));
	assert_true(scratch_exists("cdi/vtpm-cuse.org-host-tpm0.json"));
	assert_true(scratch_exists("cdi/vtpm-cuse.org-vtpm.json"));
	assert_true(scratch_exists("cdi/other.json"));
}

static void without_cuse_nothing_runs(void **state)
{
	(void)state;
	assert_int_equal(cdi_files_prune("cdi", "cuse", NULL), 0);
	assert_int_equal(mkdir("cdi", 0700), 0);
	scratch_write("cdi/vtpm-cuse.org-host-tpm0.json", "{}", 2);
	assert_int_equal(cdi_files_prune("cdi", "cuse", NULL), 0);
	assert_false(scratch_exists("cdi/vtpm-cuse.org-host-tpm0.json"));
}

static void a_file_that_cannot_be_removed_is_told_and_the_others_go(void **state)
{
	struct error err = { "" };

	(void)state;
	assert_int_equal(mkdir("cdi", 0700), 0);
	assert_int_equal(mkdir("cdi/vtpm-cuse.org-host-tpm0.json", 0700), 0);
	scratch_write("cdi/vtpm-cuse.org-host-tpm1.json", "{}", 2);
	scratch_write("cdi/vtpm-cuse.org-host-tpm2.json", "{}", 2);
	assert_int_equal(cdi_files_prune("cdi", "cuse", &err), -EISDIR);
	assert_string_equal(err.text, "cdi/vtpm-cuse.org-host-tpm0.json stays: Is a directory");
	assert_false(scratch_exists("cdi/vtpm-cuse.org-host-tpm1.json"));
	assert_false(scratch_exists("cdi/vtpm-cuse.org-host-tpm2.json"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_begins_and_ends_with_a_letter_or_digit),
		cmocka_unit_test(a_file_is_called_by_its_vtpm_and_known_by_it),
		cmocka_unit_test(a_name_that_is_too_long_for_a_file_has_none),
		cmocka_unit_test_setup_teardown(only_files_of_vtpms_that_have_ended_are_pruned,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(
			a_file_that_cannot_be_removed_is_told_and_the_others_go, scratch_set_up,
			scratch_tear_down),
		cmocka_unit_test_setup_teardown(without_cuse_nothing_runs, scratch_set_up,
						scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
