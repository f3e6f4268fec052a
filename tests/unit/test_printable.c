/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "util/printable.h"

static void shows(const char *text, const char *expected)
{
	char *shown = text_printable(text);

	assert_string_equal(shown, expected);
	free(shown);
}

static void text_stays_what_it_is(void **state)
{
	(void)state;
	shows("", "");
	shows("/var/lib/a b\\c", "/var/lib/a b\\c");
	shows("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x94\x91", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x94\x91");
}

static void control_characters_are_shown(void **state)
{
	(void)state;
	shows("a\nb\tc\x7f", "a\\x0ab\\x09c\\x7f");
	shows("\x1b[2J", "\\x1b[2J");
	shows("\xc2\x9b", "\\xc2\\x9b");
}

static void bytes_that_are_no_text_are_shown(void **state)
{
	static const char *const broken[] = { "\xff",         "\xc3",         "\xc0\xaf",
					      "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
					      "\x80" };

	(void)state;
	shows("a\xff"
	      "b",
	      "a\\xffb");
	shows("\xc3(", "\\xc3(");
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		char *shown = text_printable(broken[i]);

		assert_false(text_is_utf8(broken[i]));
		assert_true(text_is_utf8(shown));
		free(shown);
	}
	assert_true(text_is_utf8("a\n\xc3\xa4\xf0\x9f\x94\x91"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_stays_what_it_is),
		cmocka_unit_test(control_characters_are_shown),
		cmocka_unit_test(bytes_that_are_no_text_are_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
