/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>

#include "util/secret_source.h"

static void assert_source(const char *text, enum secret_source expected, const char *rest)
{
	const char *value;

	assert_int_equal(secret_source(text, &value), expected);
	assert_string_equal(value, rest);
}

static void a_form_in_front_says_where_the_secret_is(void **state)
{
	(void)state;
	assert_source("file=/x", SECRET_FILE, "/x");
	assert_source("fd=5", SECRET_FD, "5");
	assert_source("credential=x", SECRET_CREDENTIAL, "x");
	assert_source("file=", SECRET_FILE, "");
}

static void all_other_words_are_the_secret(void **state)
{
	(void)state;
	assert_source("pass=file=x", SECRET_ITSELF, "file=x");
	assert_source("pass=", SECRET_ITSELF, "");
	assert_source("hunter2", SECRET_ITSELF, "hunter2");
	assert_source("", SECRET_ITSELF, "");
	assert_source("File=/x", SECRET_ITSELF, "File=/x");
	assert_source(" fd=5", SECRET_ITSELF, " fd=5");
	assert_source("file", SECRET_ITSELF, "file");
}

static void a_descriptor_is_a_decimal_number(void **state)
{
	static const char *const wrong[] = { "",    "x",          "-1",
					     "+1",  " 1",         "1 ",
					     "0x1", "2147483648", "99999999999999999999" };
	int fd = -1;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(secret_source_number(wrong[i], &fd), -EINVAL);
	assert_int_equal(fd, -1);
	assert_int_equal(secret_source_number("0", &fd), 0);
	assert_int_equal(fd, 0);
	assert_int_equal(secret_source_number("2147483647", &fd), 0);
	assert_int_equal(fd, 2147483647);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_form_in_front_says_where_the_secret_is),
		cmocka_unit_test(all_other_words_are_the_secret),
		cmocka_unit_test(a_descriptor_is_a_decimal_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
