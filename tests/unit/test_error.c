/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "util/error.h"

static void set_names_the_cause_and_returns_the_negative_errno(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(error_set(&err, ENOENT, "open %s", "x"), -ENOENT);
	assert_string_equal(err.text, "open x: No such file or directory");
}

static void say_adds_nothing(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(error_say(&err, EBUSY, "name %s is taken", "tpm0"), -EBUSY);
	assert_string_equal(err.text, "name tpm0 is taken");
}

static void prefix_goes_in_front_and_keeps_the_number(void **state)
{
	struct error err = { "no such key" };

	(void)state;
	assert_int_equal(error_prefix(&err, -5, "vTPM %s", "a"), -5);
	assert_string_equal(err.text, "vTPM a: no such key");
}

static void nobody_needs_to_be_interested(void **state)
{
	(void)state;
	assert_int_equal(error_set(NULL, EIO, "x"), -EIO);
	assert_int_equal(error_say(NULL, EIO, "x"), -EIO);
	assert_int_equal(error_prefix(NULL, -7, "x"), -7);
}

static void a_long_line_is_cut(void **state)
{
	char longer[400];
	struct error err;

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	error_set(&err, ENOENT, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	error_prefix(&err, -1, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_names_the_cause_and_returns_the_negative_errno),
		cmocka_unit_test(say_adds_nothing),
		cmocka_unit_test(prefix_goes_in_front_and_keeps_the_number),
		cmocka_unit_test(nobody_needs_to_be_interested),
		cmocka_unit_test(a_long_line_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
