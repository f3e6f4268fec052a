/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "util/cleanup.h"
#include "util/error.h"
#include "util/next_minor.h"

/* CONTEXT is the first number that is free. */
static bool low_taken(uint32_t major, uint32_t minor, const void *context)
{
	return major == 120 && minor < *(const uint32_t *)context;
}

static uint32_t next(uint32_t major, uint32_t first_free)
{
	cleanup_close int dir_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint32_t minor = UINT32_MAX;

	assert_int_equal(next_minor(dir_fd, major, low_taken, &first_free, &minor, NULL), 0);
	return minor;
}

static void numbers_go_round_and_skip_what_is_taken(void **state)
{
	(void)state;
	assert_int_equal(next(120, 10), 10);
	assert_int_equal(next(120, 10), 11);
	assert_int_equal(next(120, 0), 12); /* 10 and 11 may be free again */
	scratch_write("next", "1048575\n", 8);
	assert_int_equal(next(120, 10), 1048575);
	assert_int_equal(next(120, 10), 10);
}

static void a_counter_that_is_no_file_counts_as_lost(void **state)
{
	(void)state;
	assert_int_equal(mkfifo("next", 0600), 0);
	assert_int_equal(next(120, 3), 3);
	assert_int_equal(next(120, 3), 4);
}

static void a_major_number_has_an_end(void **state)
{
	const uint32_t none = 1 << 20;
	struct error err = { "" };
	uint32_t minor;

	(void)state;
	assert_int_equal(next_minor(AT_FDCWD, 120, low_taken, &none, &minor, &err), -ENOSPC);
	assert_string_equal(err.text, "major 120 has no free device number");
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_set_up, scratch_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		IN_SCRATCH(numbers_go_round_and_skip_what_is_taken),
		IN_SCRATCH(a_counter_that_is_no_file_counts_as_lost),
		IN_SCRATCH(a_major_number_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
