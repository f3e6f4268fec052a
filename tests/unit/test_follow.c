/* SPDX-License-Identifier: BSD-3-Clause */
/* cuse/host/container.c: when a group is frozen. */
#include "tests/unit/unit.h"

#include "cuse/host/container.h"

static void both_versions_say_when_a_group_is_frozen(void **state)
{
	(void)state;
	assert_true(follow_is_frozen("populated 1\nfrozen 1\n"));
	assert_true(follow_is_frozen("frozen 1\npopulated 0\n"));
	assert_false(follow_is_frozen("populated 1\nfrozen 0\n"));
	assert_false(follow_is_frozen("populated 1\nnotfrozen 1\n"));
	assert_true(follow_is_frozen("FROZEN\n"));
	assert_true(follow_is_frozen("FREEZING\n"));
	assert_false(follow_is_frozen("THAWED\n"));
	assert_false(follow_is_frozen(""));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_versions_say_when_a_group_is_frozen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
