/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <string.h>
#include <time.h>

#include "util/clock.h"

static void assert_text(int64_t seconds, const char *expected)
{
	char text[UTC_TEXT_SIZE];

	utc_text(seconds, text);
	assert_string_equal(text, expected);
}

static void known_times_are_told(void **state)
{
	(void)state;
	assert_text(0, "1970-01-01T00:00:00Z");
	assert_text(951782399, "2000-02-28T23:59:59Z");
	assert_text(951782400, "2000-02-29T00:00:00Z");
	assert_text(4107542400, "2100-03-01T00:00:00Z");
	assert_text(253402300799, "9999-12-31T23:59:59Z");
}

static void a_time_beyond_the_years_is_cut_to_them(void **state)
{
	(void)state;
	assert_text(-1, "1970-01-01T00:00:00Z");
	assert_text(INT64_MIN, "1970-01-01T00:00:00Z");
	assert_text(253402300800, "9999-12-31T23:59:59Z");
	assert_text(INT64_MAX, "9999-12-31T23:59:59Z");
}

/* Every third hour or so of 600 years, as far as a time_t goes. */
static void the_c_library_says_the_same(void **state)
{
	char expected[UTC_TEXT_SIZE + 8];
	struct tm tm;

	(void)state;
	for (int64_t seconds = 0; seconds < 600LL * 366 * 86400; seconds += 10007) {
		time_t when = (time_t)seconds;
		char text[UTC_TEXT_SIZE];

		if (when != seconds)
			break;
		assert_non_null(gmtime_r(&when, &tm));
		assert_true(strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
		utc_text(when, text);
		if (strcmp(text, expected) != 0)
			assert_string_equal(text, expected);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_times_are_told),
		cmocka_unit_test(a_time_beyond_the_years_is_cut_to_them),
		cmocka_unit_test(the_c_library_says_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
