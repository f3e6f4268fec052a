/* SPDX-License-Identifier: BSD-3-Clause */
/* tests/fuzz/stream.h: what the mutator of fuzz_spaces makes of a stream of commands. */
#include "tests/unit/unit.h"

#include <string.h>

#include "tests/common/commands.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/stream.h"
#include "tpm/tcg.h"

#define ROUNDS 3000
#define CANARY 0xa5

/* The commands that are made here; handles: CreatePrimary one, Unseal one, FlushContext none. */
static const struct command_table table = {
	.attributes = { 0x12000131, 0x0200015e, 0x00000165, 0x10000161, 0x0000017a, 0x0000017b,
			0x12000153, 0x14000176, 0x10000167, 0x02000173 },
	.count = 10,
};

static uint8_t stream[8192];

static size_t put(size_t size, uint8_t who, const struct tpm_command *command)
{
	stream[size] = who;
	memcpy(stream + size + 1, command->bytes, command->len);
	return size + 1 + command->len;
}

static size_t some_stream(void)
{
	struct tpm_command command;
	size_t size = 0;

	command_get_random(&command, 8);
	size = put(size, 0, &command);
	command_create_primary_ecc(&command, TPM2_RH_OWNER);
	size = put(size, 1, &command);
	command_unseal(&command, 0x80ffffff, 0x03000000, 1);
	return put(size, 2, &command);
}

/* All of it is steps; how many, and how many of them have their parts in the right places. */
static size_t assert_is_stream(const uint8_t *data, size_t size, size_t *well_formed)
{
	struct command_layout layout;
	struct step step;
	size_t count = 0;

	for (; stream_next(&data, &size, &step); count++) {
		if (command_layout_parse(&table, step.command, step.len, &layout) == 0 &&
		    !layout.malformed)
			(*well_formed)++;
	}
	assert_int_equal(size, 0);
	return count;
}

static void mutations_are_whole_commands(void **state)
{
	size_t size = some_stream(), well_formed = 0, count = 0;

	(void)state;
	for (unsigned int seed = 0; seed < ROUNDS; seed++) {
		size = stream_mutate(stream, size, sizeof(stream), seed, &table);
		count += assert_is_stream(stream, size, &well_formed);
	}
	assert_true(count > ROUNDS);
	/* The rest is what a change of bytes, or of the code, has made on purpose. */
	assert_true(well_formed > count / 2);
}

static void mutations_keep_their_place(void **state)
{
	(void)state;
	for (unsigned int seed = 0; seed < ROUNDS; seed++) {
		size_t size = some_stream(), max = size + seed % 64, well_formed = 0;

		memset(stream + max, CANARY, 64);
		size = stream_mutate(stream, size, max, seed, &table);
		assert_true(size <= max);
		(void)assert_is_stream(stream, size, &well_formed);
		for (size_t i = 0; i < 64; i++)
			assert_int_equal(stream[max + i], CANARY);
	}
}

static void something_is_made_of_nothing(void **state)
{
	(void)state;
	for (unsigned int seed = 0; seed < 100; seed++) {
		size_t well_formed = 0,
		       size = stream_mutate(stream, 0, sizeof(stream), seed, &table);

		assert_int_equal(assert_is_stream(stream, size, &well_formed), 1);
	}
}

static void a_crossing_is_whole_commands_of_both(void **state)
{
	size_t size = some_stream(), longest = 0;
	uint8_t out[1024];

	(void)state;
	for (unsigned int seed = 0; seed < 100; seed++) {
		size_t well_formed = 0, max = seed % 2 == 0 ? sizeof(out) : size / 2;
		size_t len = stream_cross(stream, size, stream, size, out, max, seed);

		assert_true(len <= max);
		len = assert_is_stream(out, len, &well_formed);
		longest = len > longest ? len : longest;
	}
	assert_int_equal(longest, 6);
}

static void lengths_that_lie_end_a_stream(void **state)
{
	static const uint8_t lies[][12] = {
		{ 0, 0x80, 0x01, 0, 0, 0, 12, 0, 0, 1, 0x7b, 0 },    /* longer than the input */
		{ 0, 0x80, 0x01, 0, 0, 0, 9, 0, 0, 1, 0x7b, 0 },     /* shorter than a header */
		{ 0, 0x80, 0x01, 0xff, 0, 0, 10, 0, 0, 1, 0x7b, 0 }, /* longer than any command */
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const uint8_t *data = lies[i];
		size_t left = sizeof(lies[i]);
		struct step step;

		assert_false(stream_next(&data, &left, &step));
		assert_ptr_equal(data, lies[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutations_are_whole_commands),
		cmocka_unit_test(mutations_keep_their_place),
		cmocka_unit_test(something_is_made_of_nothing),
		cmocka_unit_test(a_crossing_is_whole_commands_of_both),
		cmocka_unit_test(lengths_that_lie_end_a_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
