/* SPDX-License-Identifier: BSD-3-Clause */
/* tpm/state/rate.c, pace.c: a state is not written faster than it may be, nor a slow disk waited
 * for unawares. */
#include "tests/unit/unit.h"

#include "tests/unit/state_fixture.h"
#include "tpm/state/blob.h"
#include "tpm/state/pace.h"
#include "tpm/state/rate.h"
#include "util/clock.h"

#define SECOND 1000

static void the_first_bytes_wait_for_nothing(void **state)
{
	struct store_rate rate = { .per_second = 1000 };

	(void)state;
	assert_int_equal(store_rate_take(&rate, (size_t)STORE_BURST, 5), 0);
	assert_int_equal(store_rate_take(&rate, 1, 5), 1);
	assert_int_equal(store_rate_take(&rate, 999, 5), SECOND);
}

static void what_comes_after_waits_for_its_share(void **state)
{
	struct store_rate rate = { .per_second = 1000 };
	int64_t now = 7;

	(void)state;
	(void)store_rate_take(&rate, (size_t)STORE_BURST, now);
	for (int i = 0; i < 100; i++) {
		int64_t wait = store_rate_take(&rate, 500, now);

		assert_int_equal(wait, SECOND / 2);
		now += wait;
	}
	now += 3 * SECOND;
	assert_int_equal(store_rate_take(&rate, 3000, now), 0);
	assert_int_equal(store_rate_take(&rate, 1000, now), SECOND);
}

static void what_is_saved_up_has_an_end(void **state)
{
	struct store_rate rate = { .per_second = UINT32_MAX };
	const int64_t late = INT64_MAX / 2;

	(void)state;
	(void)store_rate_take(&rate, (size_t)STORE_BURST, 0);
	assert_int_equal(store_rate_take(&rate, (size_t)STORE_BURST, late), 0);
	rate.per_second = 1000;
	assert_int_equal(store_rate_take(&rate, 1000, late), SECOND);
}

static void no_rate_is_no_limit(void **state)
{
	struct store_rate rate = { 0 };

	(void)state;
	assert_int_equal(store_rate_take(&rate, SIZE_MAX / 2, 0), 0);
}

/* The least that it takes, whatever else the machine does. */
static void a_store_waits_for_its_share(void **state)
{
	cleanup_with(state_closep) struct state *opened = NULL;
	const size_t len = 100000;
	int64_t before;

	(void)state;
	fixture_options.store_rate = 200000;
	opened = fixture_open();
	assert_int_equal(fixture_store(opened, 1, len), 0);
	opened->rate.used = STORE_BURST;
	opened->rate.then = before = monotonic_ms();
	assert_int_equal(fixture_store(opened, 2, len), 0);
	assert_true(monotonic_ms() - before >= 490);
	assert_true(fixture_holds(opened, 2, len));
}

static void a_disk_is_slow_until_it_was_seen_to_be_fast(void **state)
{
	struct flush_pace pace = FLUSH_PACE_UNKNOWN;

	(void)state;
	assert_true(flush_pace_is_slow(&pace));
	flush_pace_note(&pace, FLUSH_SLOW_MS - 1);
	assert_false(flush_pace_is_slow(&pace));
	flush_pace_note(&pace, 0);
	assert_false(flush_pace_is_slow(&pace));
}

static void a_slow_flush_is_remembered_for_a_while(void **state)
{
	struct flush_pace pace = FLUSH_PACE_UNKNOWN;

	(void)state;
	flush_pace_note(&pace, FLUSH_SLOW_MS);
	for (int i = 0; i < FLUSHES_TAKEN_FOR_SLOW; i++) {
		assert_true(flush_pace_is_slow(&pace));
		flush_pace_note(&pace, 0);
	}
	assert_false(flush_pace_is_slow(&pace));
	flush_pace_note(&pace, 1000);
	assert_true(flush_pace_is_slow(&pace));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_bytes_wait_for_nothing),
		cmocka_unit_test(what_comes_after_waits_for_its_share),
		cmocka_unit_test(what_is_saved_up_has_an_end),
		cmocka_unit_test(no_rate_is_no_limit),
		cmocka_unit_test(a_disk_is_slow_until_it_was_seen_to_be_fast),
		cmocka_unit_test(a_slow_flush_is_remembered_for_a_while),
		cmocka_unit_test_setup_teardown(a_store_waits_for_its_share, fixture_set_up,
						fixture_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
