/* SPDX-License-Identifier: BSD-3-Clause */
/* tpm/state/format.c and seal.c: headers and slots as bytes. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>
#include <openssl/evp.h>

#include "tpm/state/seal.h"
#include "tpm/state/format.h"
#include "util/bytes.h"
#include "util/error.h"

static struct state_header password_header(void)
{
	struct state_header header = {
		.format = STATE_FORMAT_VERSION,
		.blob = BLOB_SAVESTATE,
		.version = TPM_VERSION_1_2,
		.key = KEY_PASSWORD,
		.kdf = SEAL_KDF_DEFAULT,
		.slot_size = 1 << 16,
		.created = 0x123456789,
	};

	memset(header.id, 1, sizeof(header.id));
	memset(header.salt, 2, sizeof(header.salt));
	memset(header.check, 3, sizeof(header.check));
	return header;
}

static void a_header_comes_back(void **state)
{
	struct state_header header = password_header(), back;
	uint8_t block[STATE_BLOCK], again[STATE_BLOCK];

	(void)state;
	assert_int_equal(state_header_build(&header, block), 0);
	assert_int_equal(state_header_parse(block, &back, NULL), 0);
	assert_int_equal(back.blob, BLOB_SAVESTATE);
	assert_int_equal(back.version, TPM_VERSION_1_2);
	assert_int_equal(back.key, KEY_PASSWORD);
	assert_int_equal(back.kdf.n, 1 << 14);
	assert_int_equal(back.slot_size, 1 << 16);
	assert_true(back.created == 0x123456789);
	assert_int_equal(state_header_build(&back, again), 0);
	assert_memory_equal(block, again, sizeof(block));
}

static void the_layout_is_the_documented_one(void **state)
{
	struct state_header header = password_header();
	uint8_t block[STATE_BLOCK];

	(void)state;
	assert_int_equal(state_header_build(&header, block), 0);
	assert_memory_equal(block, "vTPMstat\0\2\1\0\2\1\1\1\1\0\0\0", 20);
	assert_int_equal(get_be32(block + 20), 1 << 16);
	assert_true(get_be64(block + 24) == 0x123456789);
	assert_int_equal(block[32], 2);
	assert_int_equal(block[63], 2);
	assert_int_equal(block[64], 3);
	assert_int_equal(block[95], 3);
	assert_int_equal(block[96], 1);
	assert_int_equal(block[111], 1);
	assert_int_equal(get_be32(block + 112), 1 << 14);
	assert_int_equal(get_be32(block + 116), 8);
	assert_int_equal(get_be32(block + 120), 5);
}

static void any_changed_byte_of_the_header_is_seen(void **state)
{
	struct state_header header = password_header(), back;
	uint8_t block[STATE_BLOCK];

	(void)state;
	assert_int_equal(state_header_build(&header, block), 0);
	for (size_t i = 0; i < sizeof(block); i++) {
		for (int bit = 0; bit < 8; bit++) {
			block[i] ^= (uint8_t)(1 << bit);
			assert_int_equal(state_header_parse(block, &back, NULL), -EBADMSG);
			block[i] ^= (uint8_t)(1 << bit);
		}
	}
}

/* With a right checksum, as only a program can write it. */
static int parse_with(size_t offset, uint32_t value, size_t size, struct error *err)
{
	struct state_header header = password_header(), back;
	uint8_t block[STATE_BLOCK], bytes[4];

	assert_int_equal(state_header_build(&header, block), 0);
	put_be32(bytes, value);
	memcpy(block + offset, bytes + 4 - size, size);
	assert_int_equal(EVP_Digest(block, 224, block + 224, NULL, EVP_sha256(), NULL), 1);
	return state_header_parse(block, &back, err);
}

static void what_makes_no_sense_is_refused(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(parse_with(12, 1, 1, &err), 0);
	assert_int_equal(parse_with(8, 1, 2, &err), 0);
	assert_int_equal(parse_with(8, 0, 2, &err), -EPROTONOSUPPORT);
	assert_int_equal(parse_with(8, 3, 2, &err), -EPROTONOSUPPORT);
	assert_string_equal(err.text, "its format is 3, this program knows 2");
	assert_int_equal(parse_with(10, 255, 2, &err), -EBADMSG);
	assert_string_equal(err.text, "the header makes no sense");
	assert_int_equal(parse_with(12, BLOBS, 1, &err), -EBADMSG);
	assert_int_equal(parse_with(13, 3, 1, &err), -EBADMSG);
	assert_int_equal(parse_with(13, 0, 1, &err), -EBADMSG);
	assert_int_equal(parse_with(14, KEY_KINDS, 1, &err), -EBADMSG);
	assert_int_equal(parse_with(14, KEY_PLAIN, 1, &err), -EBADMSG);
	assert_int_equal(parse_with(14, KEY_RAW, 1, &err), -EBADMSG);
	assert_int_equal(parse_with(15, 2, 1, &err), -EBADMSG);
	assert_int_equal(parse_with(16, 0, 1, &err), -EBADMSG);
	assert_int_equal(parse_with(17, 1, 1, &err), -EBADMSG);
	assert_int_equal(parse_with(20, 0, 4, &err), -EBADMSG);
	assert_int_equal(parse_with(20, STATE_SLOT_MIN - STATE_BLOCK, 4, &err), -EBADMSG);
	assert_int_equal(parse_with(20, STATE_SLOT_MAX + STATE_BLOCK, 4, &err), -EBADMSG);
	assert_int_equal(parse_with(20, STATE_SLOT_MIN + 1, 4, &err), -EBADMSG);
	assert_int_equal(parse_with(124, 1, 4, &err), -EBADMSG);
	assert_int_equal(parse_with(220, 1, 4, &err), -EBADMSG);
}

static void absurd_costs_are_refused_before_they_are_paid(void **state)
{
	static const struct state_kdf absurd[] = {
		{ 0, 8, 1 },       { 1, 8, 1 },
		{ 3, 8, 1 },       { 1 << 14, 0, 1 },
		{ 1 << 14, 8, 0 }, { 1 << 14, 8, 65 },
		{ 1 << 15, 8, 1 }, { 1 << 14, 10, 1 },
		{ 2, 65, 1 },      { 1U << 31, 1U << 31, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(absurd) / sizeof(absurd[0]); i++)
		assert_false(state_kdf_is_sane(&absurd[i]));
	assert_true(state_kdf_is_sane(&SEAL_KDF_DEFAULT));
	assert_true(state_kdf_is_sane(&(struct state_kdf){ 1 << 14, 9, 64 }));
	assert_int_equal(parse_with(112, 1 << 15, 4, NULL), -EBADMSG);
	assert_int_equal(parse_with(116, 10, 4, NULL), -EBADMSG);
}

static void a_slot_comes_back(void **state)
{
	struct state_slot slot = { 7, 100, BLOB_VOLATILE, 9, { 1 }, { 2 } }, back;
	uint8_t bytes[STATE_SLOT_HEADER_SIZE];

	(void)state;
	state_slot_build(&slot, bytes);
	assert_int_equal(state_slot_parse(bytes, BLOB_VOLATILE, STATE_SLOT_MIN, &back), 0);
	assert_true(back.generation == 7 && back.stored == 9);
	assert_int_equal(back.len, 100);
	assert_memory_equal(back.nonce, slot.nonce, sizeof(slot.nonce));
	assert_memory_equal(back.tag, slot.tag, sizeof(slot.tag));
	assert_int_equal(state_slot_parse(bytes, BLOB_PERMANENT, STATE_SLOT_MIN, &back), -EBADMSG);
}

static void a_slot_that_cannot_be_is_refused(void **state)
{
	struct state_slot slot = { 1,
				   STATE_SLOT_MIN - STATE_SLOT_HEADER_SIZE,
				   BLOB_PERMANENT,
				   0,
				   { 0 },
				   { 0 } },
			  back;
	uint8_t bytes[STATE_SLOT_HEADER_SIZE] = { 0 };
	static const size_t reserved[] = { 13, 15, 24, 31, 44, 47 };

	(void)state;
	assert_int_equal(state_slot_parse(bytes, 0, STATE_SLOT_MIN, &back), -ENODATA);
	state_slot_build(&slot, bytes);
	assert_int_equal(state_slot_parse(bytes, 0, STATE_SLOT_MIN, &back), 0);
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		bytes[reserved[i]] = 1;
		assert_int_equal(state_slot_parse(bytes, 0, STATE_SLOT_MIN, &back), -EBADMSG);
		bytes[reserved[i]] = 0;
	}
	slot.len++;
	state_slot_build(&slot, bytes);
	assert_int_equal(state_slot_parse(bytes, 0, STATE_SLOT_MIN, &back), -EBADMSG);
	slot.len = 0;
	state_slot_build(&slot, bytes);
	assert_int_equal(state_slot_parse(bytes, 0, STATE_SLOT_MIN, &back), -EBADMSG);
	slot.len = 1;
	slot.generation = 0;
	state_slot_build(&slot, bytes);
	assert_int_equal(state_slot_parse(bytes, 0, STATE_SLOT_MIN, &back), -EBADMSG);
}

static void slots_have_room_to_grow_and_an_end(void **state)
{
	(void)state;
	assert_int_equal(state_slot_size_for(1), STATE_SLOT_MIN);
	assert_int_equal(state_slot_size_for(STATE_SLOT_MIN / 2), STATE_SLOT_MIN);
	assert_int_equal(state_slot_size_for(STATE_SLOT_MIN / 2 + 1), 2 * STATE_SLOT_MIN);
	assert_int_equal(state_slot_size_for(STATE_SLOT_MAX - STATE_SLOT_HEADER_SIZE),
			 STATE_SLOT_MAX);
	assert_int_equal(state_slot_size_for(STATE_SLOT_MAX - STATE_SLOT_HEADER_SIZE + 1), 0);
	assert_int_equal(state_slot_size_for(SIZE_MAX), 0);
	assert_int_equal(state_slot_offset(STATE_SLOT_MIN, 0), STATE_BLOCK);
	assert_int_equal(state_slot_offset(STATE_SLOT_MIN, 2), STATE_BLOCK + 2 * STATE_SLOT_MIN);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_comes_back),
		cmocka_unit_test(the_layout_is_the_documented_one),
		cmocka_unit_test(any_changed_byte_of_the_header_is_seen),
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(absurd_costs_are_refused_before_they_are_paid),
		cmocka_unit_test(a_slot_comes_back),
		cmocka_unit_test(a_slot_that_cannot_be_is_refused),
		cmocka_unit_test(slots_have_room_to_grow_and_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
