/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include "util/name_hash.h"

static void a_hash_is_the_beginning_of_sha_256(void **state)
{
	char hash[NAME_HASH_MAX + 1];

	(void)state;
	/* FIPS 180-2, B.1 */
	name_hash("abc", NAME_HASH_MAX, hash);
	assert_string_equal(hash,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	name_hash("abc", 5, hash);
	assert_string_equal(hash, "ba781");
	name_hash("", 6, hash);
	assert_string_equal(hash, "e3b0c4");
	name_hash("", 0, hash);
	assert_string_equal(hash, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hash_is_the_beginning_of_sha_256),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
