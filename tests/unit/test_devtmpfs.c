/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include "cuse/device/devtmpfs.h"

static void the_mount_of_that_number_has_a_type(void **state)
{
	(void)state;
	assert_true(
		devtmpfs_is_line("24 1 0:6 / /dev rw,nosuid shared:2 - devtmpfs udev rw\n", 24));
	assert_true(devtmpfs_is_line("24 1 0:6 / /dev rw - devtmpfs udev rw", 24));
	assert_false(devtmpfs_is_line("24 1 0:6 / /dev rw - devtmpfs udev rw\n", 2));
	assert_false(devtmpfs_is_line("24 1 0:6 / /dev rw - tmpfs devtmpfs rw\n", 24));
	assert_false(devtmpfs_is_line("24 1 0:6 / /dev rw - devtmpfs2 udev rw\n", 24));
}

static void what_is_no_such_line_says_nothing(void **state)
{
	static const char *const lines[] = {
		"", "\n", "24", "24 ", " - devtmpfs ", "24 - devtmpfs"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_false(devtmpfs_is_line(lines[i], 24));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mount_of_that_number_has_a_type),
		cmocka_unit_test(what_is_no_such_line_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
