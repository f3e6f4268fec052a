/* SPDX-License-Identifier: BSD-3-Clause */
/* util/wiped.h: what is wiped when its scope ends. */
#include "tests/unit/unit.h"

#include "util/wiped.h"

static void *watched;
static uint8_t seen[8];

void __real_free(void *p);
void __wrap_free(void *p);
void __wrap_free(void *p)
{
	if (p != NULL && p == watched)
		memcpy(seen, p, sizeof(seen));
	__real_free(p);
}

static struct wiped make(void)
{
	struct wiped buffer = { malloc(sizeof(seen)), sizeof(seen) };

	assert_non_null(buffer.data);
	memset(buffer.data, 0x5a, buffer.len);
	memset(seen, 0xff, sizeof(seen));
	watched = buffer.data;
	return buffer;
}

static void assert_nothing_was_left(void)
{
	static const uint8_t zero[sizeof(seen)];

	watched = NULL;
	assert_memory_equal(seen, zero, sizeof(seen));
}

static void what_a_scope_leaves_is_wiped(void **state)
{
	(void)state;
	{
		cleanup_wiped struct wiped buffer = make();

		assert_int_equal(buffer.data[0], 0x5a);
	}
	assert_nothing_was_left();
}

static void a_buffer_that_is_done_is_empty(void **state)
{
	struct wiped buffer = make();

	(void)state;
	wiped_done(&buffer);
	assert_nothing_was_left();
	assert_null(buffer.data);
	assert_int_equal(buffer.len, 0);
	wiped_done(&buffer);
}

static void what_was_taken_out_is_not_touched(void **state)
{
	uint8_t *taken;

	(void)state;
	{
		cleanup_wiped struct wiped buffer = make();

		taken = take_ptr(buffer.data);
	}
	watched = NULL;
	assert_int_equal(taken[0], 0x5a);
	free(taken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_scope_leaves_is_wiped),
		cmocka_unit_test(a_buffer_that_is_done_is_empty),
		cmocka_unit_test(what_was_taken_out_is_not_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
