/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "cuse/device/parked.h"

static struct parked parked;
static int requests[4]; /* their addresses are the requests */

static int start(void **state)
{
	(void)state;
	parked_init(&parked);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	parked_done(&parked);
	return 0;
}

static void add_reads(int count)
{
	for (int i = 0; i < count; i++)
		assert_int_equal(parked_add_read(&parked, 10, &requests[i]), 0);
}

/* Takes all reads, which are to be these. */
static void assert_reads(const int *expected, int count)
{
	struct parked_read *read = parked_take_reads(&parked), *next;

	for (int i = 0; i < count; i++, read = next) {
		assert_non_null(read);
		assert_ptr_equal(read->request, &requests[expected[i]]);
		next = read->next;
		free(read);
	}
	assert_null(read);
	assert_null(parked_take_reads(&parked));
}

static void reads_are_taken_in_their_order_and_once(void **state)
{
	static const int all[] = { 0, 1, 2 };

	(void)state;
	add_reads(3);
	assert_reads(all, 3);
	add_reads(1);
	assert_reads(all, 1);
}

static void whichever_read_is_removed_the_others_stay(void **state)
{
	static const int left[3][3] = { { 1, 2, 3 }, { 0, 2, 3 }, { 0, 1, 3 } };

	(void)state;
	for (int i = 0; i < 3; i++) {
		add_reads(3);
		assert_int_equal(parked_remove(&parked, &requests[i]), PARKED_COMMAND);
		assert_int_equal(parked_remove(&parked, &requests[i]), PARKED_NOT);
		assert_int_equal(parked_add_read(&parked, 10, &requests[3]), 0);
		assert_reads(left[i], 3);
	}
}

static void writes_and_releases_are_told_apart(void **state)
{
	(void)state;
	parked.write = &requests[0];
	parked.release = &requests[1];
	assert_int_equal(parked_remove(&parked, &requests[2]), PARKED_NOT);
	assert_int_equal(parked_remove(&parked, &requests[0]), PARKED_COMMAND);
	assert_int_equal(parked_remove(&parked, &requests[1]), PARKED_RELEASE);
	assert_null(parked.write);
	assert_null(parked.release);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(reads_are_taken_in_their_order_and_once),
		TEST(whichever_read_is_removed_the_others_stay),
		TEST(writes_and_releases_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
