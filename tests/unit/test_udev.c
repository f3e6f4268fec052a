/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include "cuse/host/udev.h"

static void a_record_says_when_the_device_was_handled(void **state)
{
	(void)state;
	assert_int_equal(udev_handled_at("S:tpm\nI:123456789\nE:A=I:5\n"), 123456);
	assert_int_equal(udev_handled_at("I:1000\n"), 1);
	assert_int_equal(udev_handled_at("I:1000"), 1);
}

static void anything_else_says_nothing(void **state)
{
	static const char *const records[] = { "",      "\n",         "I:",   "I:\n",
					       "I:x\n", "E:I:5000\n", "V:1\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		assert_int_equal(udev_handled_at(records[i]), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_says_when_the_device_was_handled),
		cmocka_unit_test(anything_else_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
