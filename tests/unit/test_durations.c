/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include "util/durations.h"

static size_t bucket_with_one(uint64_t ns)
{
	struct durations durations = { 0 };
	size_t i = 0;

	durations_add(&durations, ns);
	assert_int_equal(durations.count, 1);
	assert_int_equal(durations.total_ns, ns);
	while (i < DURATIONS_BUCKETS && durations.buckets[i] == 0)
		i++;
	assert_in_range(i, 0, DURATIONS_BUCKETS - 1);
	return i;
}

static void a_bound_belongs_to_its_bucket_and_one_more_to_the_next(void **state)
{
	(void)state;
	assert_int_equal(bucket_with_one(0), 0);
	assert_int_equal(bucket_with_one(UINT64_MAX), DURATIONS_BUCKETS - 1);
	for (size_t i = 0; i < DURATIONS_BUCKETS - 1; i++) {
		assert_int_equal(bucket_with_one(durations_bound(i)), i);
		assert_int_equal(bucket_with_one(durations_bound(i) + 1), i + 1);
	}
}

static void the_bounds_are_four_to_each_power_of_two(void **state)
{
	(void)state;
	assert_int_equal(durations_bound(0), 1024);
	assert_int_equal(durations_bound(1), 1280);
	assert_int_equal(durations_bound(4), 2048);
	assert_int_equal(durations_bound(5), 2560);
	assert_true(durations_bound(DURATIONS_BUCKETS - 2) == UINT64_C(1) << 34);
	assert_true(durations_bound(DURATIONS_BUCKETS - 1) == UINT64_MAX);
}

static void a_quantile_is_the_bucket_in_which_it_is(void **state)
{
	struct durations durations = { 0 };

	(void)state;
	assert_int_equal(durations_quantile(&durations, 500), 0);
	for (int i = 0; i < 990; i++)
		durations_add(&durations, 20000);
	for (int i = 0; i < 10; i++)
		durations_add(&durations, 5000000);
	assert_int_equal(durations_quantile(&durations, 500), 20480);
	assert_int_equal(durations_quantile(&durations, 989), 20480);
	assert_int_equal(durations_quantile(&durations, 990), 5242880);
}

static void of_what_took_longest_it_is_known_where_it_begins(void **state)
{
	struct durations durations = { 0 };

	(void)state;
	durations_add(&durations, UINT64_MAX);
	assert_true(durations_quantile(&durations, 500) == UINT64_C(1) << 34);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bound_belongs_to_its_bucket_and_one_more_to_the_next),
		cmocka_unit_test(the_bounds_are_four_to_each_power_of_two),
		cmocka_unit_test(a_quantile_is_the_bucket_in_which_it_is),
		cmocka_unit_test(of_what_took_longest_it_is_known_where_it_begins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
