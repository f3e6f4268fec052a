/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "util/bytes.h"

static void integers_are_big_endian_and_come_back(void **state)
{
	uint8_t bytes[8];

	(void)state;
	put_be64(bytes, 0x0123456789abcdef);
	assert_int_equal(bytes[0], 0x01);
	assert_int_equal(bytes[7], 0xef);
	assert_int_equal(get_be16(bytes), 0x0123);
	assert_int_equal(get_be32(bytes + 4), 0x89abcdef);
	assert_true(get_be64(bytes) == 0x0123456789abcdef);
}

static void hex_comes_back(void **state)
{
	static const uint8_t bytes[] = { 0x00, 0x7f, 0xff };
	uint8_t back[sizeof(bytes)];
	char text[2 * sizeof(bytes) + 1];

	(void)state;
	hex_encode(bytes, sizeof(bytes), text);
	assert_string_equal(text, "007fff");
	assert_int_equal(hex_decode("007fFF", 6, back, sizeof(back)), 0);
	assert_memory_equal(back, bytes, sizeof(bytes));
}

static void hex_refuses_another_length_and_other_characters(void **state)
{
	uint8_t bytes[2];

	(void)state;
	assert_int_equal(hex_decode("001", 3, bytes, 2), -EINVAL);
	assert_int_equal(hex_decode("00112", 5, bytes, 2), -EINVAL);
	assert_int_equal(hex_decode("00g1", 4, bytes, 2), -EINVAL);
	assert_int_equal(hex_decode("0x11", 4, bytes, 2), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_big_endian_and_come_back),
		cmocka_unit_test(hex_comes_back),
		cmocka_unit_test(hex_refuses_another_length_and_other_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
