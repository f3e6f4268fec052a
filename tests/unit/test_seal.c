/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/faults.h"
#include "tpm/state/seal.h"
#include "util/bytes.h"
#include "util/error.h"

static const uint8_t header_bytes[STATE_HEADER_SIZE] = { 1, 2, 3 };
static const uint8_t blob[100] = "what the TPM wants to keep";

static uint16_t format = STATE_FORMAT_VERSION;

static struct state_header header_for(enum key_kind kind)
{
	struct state_header header = { .format = format, .key = kind };

	for (uint8_t i = 0; i < STATE_SALT_SIZE; i++)
		header.salt[i] = i;
	for (uint8_t i = 0; i < STATE_ID_SIZE; i++)
		header.id[i] = 100 + i;
	if (kind == KEY_PASSWORD)
		header.kdf = SEAL_KDF_DEFAULT;
	return header;
}

static struct seal *seal_with(enum key_kind kind, uint8_t first)
{
	cleanup_with(secret_freep) struct secret *secret = NULL;
	struct state_header header = header_for(kind);
	struct seal *seal = NULL;

	assert_int_equal(secret_new(kind == KEY_PASSWORD ? 8 : KEY_SIZE, &secret), 0);
	if (kind == KEY_PASSWORD)
		memcpy(secret->bytes, "password", 8);
	for (uint8_t i = 0; i < secret->len && kind != KEY_PASSWORD; i++)
		secret->bytes[i] = i;
	secret->bytes[0] ^= first;
	assert_int_equal(seal_new(&header, secret, &seal, NULL), 0);
	seal_check(seal, header.check);
	assert_true(seal_is_of(seal, &header));
	header.key = kind == KEY_PLAIN ? KEY_RAW : KEY_PLAIN;
	assert_false(seal_is_of(seal, &header));
	return seal;
}

static void check_is(enum key_kind kind, const char *expected)
{
	cleanup_with(seal_freep) struct seal *seal = seal_with(kind, 0);
	uint8_t check[STATE_CHECK_SIZE];
	char text[2 * STATE_CHECK_SIZE + 1];

	seal_check(seal, check);
	hex_encode(check, sizeof(check), text);
	assert_string_equal(text, expected);
}

/* Computed with Python's hashlib and hmac. */
static void keys_are_derived_as_documented(void **state)
{
	(void)state;
	format = 1;
	check_is(KEY_PASSWORD, "8e1750c22d08073b69197c711b2f9fa3567e261c2140f88f7cae962a318c2ff0");
	check_is(KEY_RAW, "d394b14bda2782a004af9d5491ccc716db21c67d5c81f120b998168553da84f8");
	format = 2;
	check_is(KEY_PASSWORD, "3dedf8d9bb032dc5261c62afd5bbd9ba1e9f022519fb6acef455ab15ae1e20bf");
	check_is(KEY_RAW, "cdc87f23a166ba5a1ee286736c58add67f712c4aa23fe05ea87461a3a40c5e07");
}

static void what_is_sealed_opens_again(void **state)
{
	(void)state;
	for (int kind = 0; kind < KEY_KINDS; kind++) {
		cleanup_with(seal_freep) struct seal *seal = seal_with((enum key_kind)kind, 0);
		struct state_slot slot = { .generation = 1, .len = sizeof(blob) };
		uint8_t sealed[sizeof(blob)], back[sizeof(blob)];

		assert_int_equal(seal_close(seal, header_bytes, &slot, blob, sealed), 0);
		assert_int_equal(memcmp(sealed, blob, sizeof(blob)) == 0, kind == KEY_PLAIN);
		assert_int_equal(seal_open(seal, header_bytes, &slot, sealed, back), 0);
		assert_memory_equal(back, blob, sizeof(blob));
	}
}

static void no_two_seals_are_alike(void **state)
{
	cleanup_with(seal_freep) struct seal *seal = seal_with(KEY_RAW, 0);
	struct state_slot a = { .generation = 1, .len = sizeof(blob) }, b = a;
	uint8_t first[sizeof(blob)], second[sizeof(blob)];

	(void)state;
	assert_int_equal(seal_close(seal, header_bytes, &a, blob, first), 0);
	assert_int_equal(seal_close(seal, header_bytes, &b, blob, second), 0);
	assert_memory_not_equal(a.nonce, b.nonce, sizeof(a.nonce));
	assert_memory_not_equal(first, second, sizeof(first));
}

static void expect_broken(const struct seal *seal, const uint8_t *header,
			  const struct state_slot *slot, const uint8_t *sealed)
{
	uint8_t back[sizeof(blob)];

	memset(back, 0xee, sizeof(back));
	assert_int_equal(seal_open(seal, header, slot, sealed, back), -EBADMSG);
	assert_memory_not_equal(back, blob, sizeof(blob));
}

static void check_every_change(enum key_kind kind)
{
	cleanup_with(seal_freep) struct seal *seal = seal_with(kind, 0);
	struct state_slot slot = { .generation = 1, .len = sizeof(blob) }, other;
	uint8_t sealed[sizeof(blob)], header[STATE_HEADER_SIZE];

	assert_int_equal(seal_close(seal, header_bytes, &slot, blob, sealed), 0);
	for (size_t i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 0x80;
		expect_broken(seal, header_bytes, &slot, sealed);
		sealed[i] ^= 0x80;
	}
	memcpy(header, header_bytes, sizeof(header));
	for (size_t i = 0; i < sizeof(header); i++) {
		header[i] ^= 1;
		expect_broken(seal, header, &slot, sealed);
		header[i] ^= 1;
	}
	for (size_t i = 0; i < STATE_TAG_SIZE; i++) {
		other = slot;
		other.tag[i] ^= 4;
		expect_broken(seal, header_bytes, &other, sealed);
	}
	other = slot, other.nonce[11] ^= 1;
	expect_broken(seal, header_bytes, &other, sealed);
	other = slot, other.generation++;
	expect_broken(seal, header_bytes, &other, sealed);
	other = slot, other.len--;
	expect_broken(seal, header_bytes, &other, sealed);
	other = slot, other.stored++;
	expect_broken(seal, header_bytes, &other, sealed);
	other = slot, other.blob = BLOB_SAVESTATE;
	expect_broken(seal, header_bytes, &other, sealed);
}

static void every_change_breaks_the_seal(void **state)
{
	(void)state;
	check_every_change(KEY_RAW);
	check_every_change(KEY_PLAIN);
}

static void another_key_has_another_check_and_opens_nothing(void **state)
{
	cleanup_with(seal_freep) struct seal *seal = seal_with(KEY_RAW, 0);
	cleanup_with(seal_freep) struct seal *other = seal_with(KEY_RAW, 1);
	struct state_slot slot = { .generation = 1, .len = sizeof(blob) };
	uint8_t sealed[sizeof(blob)], ours[STATE_CHECK_SIZE], theirs[STATE_CHECK_SIZE];

	(void)state;
	seal_check(seal, ours);
	seal_check(other, theirs);
	assert_memory_not_equal(ours, theirs, sizeof(ours));
	assert_int_equal(seal_close(seal, header_bytes, &slot, blob, sealed), 0);
	expect_broken(other, header_bytes, &slot, sealed);
}

static void no_memory_is_an_error(void **state)
{
	struct state_header header = header_for(KEY_RAW);
	cleanup_with(secret_freep) struct secret *secret = NULL;

	(void)state;
	assert_int_equal(secret_new(KEY_SIZE, &secret), 0);
	for (int n = 1;; n++) {
		cleanup_with(seal_freep) struct seal *seal = NULL;
		int r;

		fault_arm(n, ENOMEM, FAULT_ALLOCATIONS);
		r = seal_new(&header, secret, &seal, NULL);
		if (!fault_disarm()) {
			assert_int_equal(r, 0);
			break;
		}
		assert_int_equal(r, -ENOMEM);
		assert_null(seal);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_derived_as_documented),
		cmocka_unit_test(what_is_sealed_opens_again),
		cmocka_unit_test(no_two_seals_are_alike),
		cmocka_unit_test(every_change_breaks_the_seal),
		cmocka_unit_test(another_key_has_another_check_and_opens_nothing),
		cmocka_unit_test(no_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
