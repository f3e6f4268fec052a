/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include "util/bytes.h"
#include "util/sha256.h"

static void expect(const char *text, size_t times, const char *hex)
{
	char got[2 * SHA256_LEN + 1];
	uint8_t digest[SHA256_LEN];
	struct sha256 sha;

	sha256_init(&sha);
	for (size_t i = 0; i < times; i++)
		sha256_add(&sha, text, strlen(text));
	sha256_end(&sha, digest);
	hex_encode(digest, sizeof(digest), got);
	assert_string_equal(got, hex);
}

static void examples_of_the_standard_are_met(void **state)
{
	(void)state;
	expect("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	expect("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	expect("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	expect("a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples_of_the_standard_are_met),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
