/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/faults.h"
#include "tpm/swtpm/format.h"
#include "tpm/swtpm/crypt.h"
#include "util/bytes.h"
#include "util/error.h"

static const uint8_t blob[100] = "what libtpms wants to keep";

static struct secret *key_of(size_t size)
{
	struct secret *key = NULL;

	assert_int_equal(secret_new(size, &key), 0);
	memset(key->bytes, 7, size);
	return key;
}

static void check_round_trip(size_t key_size, size_t len)
{
	cleanup_with(secret_freep) struct secret *key = key_size > 0 ? key_of(key_size) : NULL;
	cleanup_free uint8_t *bytes = NULL, *back = NULL;
	struct swtpm_file file;
	size_t size, back_len;

	assert_int_equal(swtpm_make(blob, len, key, &bytes, &size, NULL), 0);
	assert_int_equal(swtpm_parse(bytes, size, &file, NULL), 0);
	assert_int_equal(file.encrypted, key != NULL);
	assert_int_equal(swtpm_open(&file, key, &back, &back_len, NULL), 0);
	assert_int_equal(back_len, len);
	assert_memory_equal(back, blob, len);
}

static void what_is_made_opens_again(void **state)
{
	(void)state;
	for (size_t len = 1; len <= sizeof(blob); len++) {
		check_round_trip(0, len);
		check_round_trip(16, len);
		check_round_trip(32, len);
	}
}

static void a_plain_file_has_swtpms_layout(void **state)
{
	cleanup_free uint8_t *bytes = NULL;
	size_t size;

	(void)state;
	assert_int_equal(swtpm_make((const uint8_t *)"abc", 3, NULL, &bytes, &size, NULL), 0);
	assert_int_equal(size, 19);
	assert_memory_equal(bytes, "\2\1\0\12\0\0\0\0\0\23\0\1\0\0\0\3abc", 19);
}

/* Made by another implementation: key 16 times 7, IV 16 times 9, blob "abc". */
static void a_file_of_swtpms_opens(void **state)
{
	static const uint8_t bytes[] = {
		0x02, 0x01, 0x00, 0x0a, 0x00, 0x01, 0x00, 0x00, 0x00, 0x5c, 0x00, 0x02, 0x00, 0x00,
		0x00, 0x10, 0x2f, 0x7b, 0x5a, 0xdc, 0xf7, 0x9a, 0xcf, 0xfa, 0x21, 0x26, 0xb6, 0x4b,
		0xb2, 0x76, 0xbc, 0xa9, 0x00, 0x03, 0x00, 0x00, 0x00, 0x20, 0x1a, 0x7e, 0xd7, 0x43,
		0x58, 0xe8, 0xa6, 0x71, 0x50, 0xa5, 0xa8, 0x43, 0x38, 0x98, 0x06, 0x23, 0xf7, 0xbd,
		0x5e, 0xb9, 0x5f, 0x08, 0x38, 0xf3, 0x53, 0x53, 0xb5, 0x5f, 0x18, 0x84, 0x71, 0x7e,
		0x00, 0x06, 0x00, 0x00, 0x00, 0x10, 0x09, 0x09, 0x09, 0x09, 0x09, 0x09, 0x09, 0x09,
		0x09, 0x09, 0x09, 0x09, 0x09, 0x09, 0x09, 0x09
	};
	cleanup_with(secret_freep) struct secret *key = key_of(16);
	cleanup_free uint8_t *data = NULL;
	struct swtpm_file file;
	size_t len;

	(void)state;
	assert_int_equal(swtpm_parse(bytes, sizeof(bytes), &file, NULL), 0);
	assert_int_equal(swtpm_open(&file, key, &data, &len, NULL), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(data, "abc", 3);
}

static void refused(const uint8_t *bytes, size_t len, int r, const char *text)
{
	struct swtpm_file file;
	struct error err;

	assert_int_equal(swtpm_parse(bytes, len, &file, &err), r);
	assert_string_equal(err.text, text);
}

static void every_cut_and_every_lie_is_refused(void **state)
{
	cleanup_with(secret_freep) struct secret *key = key_of(16);
	cleanup_free uint8_t *bytes = NULL;
	struct swtpm_file file;
	size_t size;

	(void)state;
	assert_int_equal(swtpm_make(blob, sizeof(blob), key, &bytes, &size, NULL), 0);
	for (size_t len = 0; len < size; len++) {
		assert_int_equal(swtpm_parse(bytes, len, &file, NULL), -EBADMSG);
		if (len < 10)
			continue;
		put_be32(bytes + 6, (uint32_t)len); /* the header agrees */
		assert_int_equal(swtpm_parse(bytes, len, &file, NULL), -EBADMSG);
		put_be32(bytes + 6, (uint32_t)size);
	}
	bytes[0] = 1;
	refused(bytes, size, -ENOTSUP, "version 1 of swtpm's format is not read");
	bytes[0] = 3, bytes[1] = 3;
	refused(bytes, size, -ENOTSUP, "version 3 of swtpm's format is not read");
	bytes[0] = 2, bytes[1] = 1, bytes[5] |= 4;
	refused(bytes, size, -ENOTSUP, "a migration file of swtpm (flags 0x5)");
	bytes[5] = 0;
	refused(bytes, size, -EBADMSG, "a state file of swtpm, but corrupt");
	bytes[3] = 11;
	refused(bytes, size, -EBADMSG, "not a state file of swtpm, or cut off");
}

static void open_fails(const struct swtpm_file *file, const struct secret *key, int r,
		       const char *text)
{
	uint8_t *data = NULL;
	struct error err;
	size_t len;

	assert_int_equal(swtpm_open(file, key, &data, &len, &err), r);
	assert_string_equal(err.text, text);
	assert_null(data);
}

static void a_key_that_does_not_fit_is_told(void **state)
{
	cleanup_with(secret_freep) struct secret *key = key_of(16), *long_key = key_of(32);
	cleanup_free uint8_t *bytes = NULL, *plain = NULL;
	struct swtpm_file file;
	size_t size;

	(void)state;
	assert_int_equal(swtpm_make(blob, sizeof(blob), NULL, &plain, &size, NULL), 0);
	assert_int_equal(swtpm_parse(plain, size, &file, NULL), 0);
	open_fails(&file, key, -EKEYREJECTED, "not encrypted, but a key is given");
	assert_int_equal(swtpm_make(blob, sizeof(blob), key, &bytes, &size, NULL), 0);
	assert_int_equal(swtpm_parse(bytes, size, &file, NULL), 0);
	open_fails(&file, NULL, -EKEYREJECTED, "encrypted with aes-128-cbc: give its key");
	open_fails(&file, long_key, -EKEYREJECTED, "encrypted with aes-128-cbc, not aes-256-cbc");
	key->bytes[0]++;
	open_fails(&file, key, -EKEYREJECTED, "wrong key, or corrupt");
}

static void every_changed_byte_is_seen(void **state)
{
	cleanup_with(secret_freep) struct secret *key = key_of(32);
	cleanup_free uint8_t *bytes = NULL;
	struct swtpm_file file;
	size_t size;

	(void)state;
	assert_int_equal(swtpm_make(blob, sizeof(blob), key, &bytes, &size, NULL), 0);
	for (size_t i = 10; i < size; i++) {
		uint8_t *data = NULL;
		size_t len;

		bytes[i] ^= 0x20;
		if (swtpm_parse(bytes, size, &file, NULL) == 0)
			assert_int_equal(swtpm_open(&file, key, &data, &len, NULL), -EKEYREJECTED);
		bytes[i] ^= 0x20;
	}
}

static void expect_key(const struct secret *key, const char *expected)
{
	char text[2 * SWTPM_KEY_MAX + 1];

	hex_encode(key->bytes, key->len, text);
	assert_string_equal(text, expected);
}

/* Computed with Python's hashlib. */
static void passwords_become_keys_as_swtpm_does_it(void **state)
{
	cleanup_with(secret_freep) struct secret *password = NULL, *a = NULL, *b = NULL, *c = NULL;

	(void)state;
	assert_int_equal(secret_new(7, &password), 0);
	memcpy(password->bytes, "secret\n", 7);
	assert_int_equal(swtpm_key_from_password(password, 16, SWTPM_PBKDF2, &a, NULL), 0);
	expect_key(a, "92bb9ef4ea654697a65e1689d0a0185b");
	assert_int_equal(swtpm_key_from_password(password, 32, SWTPM_PBKDF2, &b, NULL), 0);
	expect_key(b, "92bb9ef4ea654697a65e1689d0a0185b4e7f7e2b3173633277e1408c93d83826");
	assert_int_equal(swtpm_key_from_password(password, 32, SWTPM_SHA512, &c, NULL), 0);
	expect_key(c, "eaa16b9ced0b5c6ece7aae07cb47c671e8c8f03bfe807f941809477a847337af");
}

static void take_key(const char *text, size_t len, size_t size, int expected)
{
	cleanup_with(secret_freep) struct secret *bytes = NULL, *key = NULL;

	assert_int_equal(secret_new(len, &bytes), 0);
	memcpy(bytes->bytes, text, len);
	assert_int_equal(swtpm_key_from_bytes(bytes, size, &key, NULL), expected);
}

static void keys_are_bytes_or_hex(void **state)
{
	(void)state;
	take_key("0123456789abcdef", 16, 16, 0);
	take_key("0x00112233445566778899aabbccddeeff\n", 35, 16, 0);
	take_key("00112233445566778899aabbccddeeff", 32, 16, 0);
	take_key("00112233445566778899aabbccddeef", 31, 16, -EINVAL);
	take_key("00112233445566778899aabbccddeeff", 32, 32, 0); /* 32 bytes, as swtpm's binary */
	take_key("x", 1, 32, -EINVAL);
}

static void no_memory_is_an_error(void **state)
{
	cleanup_with(secret_freep) struct secret *key = key_of(32);

	(void)state;
	for (int n = 1;; n++) {
		cleanup_free uint8_t *bytes = NULL, *back = NULL;
		struct swtpm_file file;
		size_t size, len;
		int r;

		fault_arm(n, ENOMEM, FAULT_ALLOCATIONS);
		r = swtpm_make(blob, sizeof(blob), key, &bytes, &size, NULL);
		if (r == 0)
			r = swtpm_parse(bytes, size, &file, NULL);
		if (r == 0)
			r = swtpm_open(&file, key, &back, &len, NULL);
		if (!fault_disarm()) {
			assert_int_equal(r, 0);
			break;
		}
		assert_int_equal(r, -ENOMEM);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_made_opens_again),
		cmocka_unit_test(a_plain_file_has_swtpms_layout),
		cmocka_unit_test(a_file_of_swtpms_opens),
		cmocka_unit_test(every_cut_and_every_lie_is_refused),
		cmocka_unit_test(a_key_that_does_not_fit_is_told),
		cmocka_unit_test(every_changed_byte_is_seen),
		cmocka_unit_test(passwords_become_keys_as_swtpm_does_it),
		cmocka_unit_test(keys_are_bytes_or_hex),
		cmocka_unit_test(no_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
