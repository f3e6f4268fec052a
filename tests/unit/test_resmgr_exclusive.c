/* SPDX-License-Identifier: BSD-3-Clause */
/* What the user of the exclusive node leaves in the TPM, and users of spaces need the room. */
#include "tests/unit/unit.h"

#include <string.h>

#include "tests/unit/resmgr_fixture.h"

static void read_name(struct space *space, uint32_t handle, uint8_t *name)
{
	assert_int_equal(with_handle(space, TPM2_CC_ReadPublic, handle), 0);
	memcpy(name, response + response_len - 36 - 34, 34);
}

/* A space fills all slots, with objects and with sessions. */
static void crowd(struct space *space)
{
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(make_key(space), 0x80000000 + i);
		(void)start_session(space, 1);
	}
}

static void what_it_left_does_not_starve_spaces(void **state)
{
	uint8_t names[3][34], name[34];
	uint32_t sessions[3];

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(make_key(NULL), 0x80000000 + i);
		read_name(NULL, 0x80000000 + i, names[i]);
		sessions[i] = start_session(NULL, (uint8_t)(i % 2));
	}
	for (int round = 0; round < 3; round++) {
		if (round == 0)
			crowd(alice);
		for (uint32_t i = 0; i < 4; i++)
			read_name(alice, 0x80000000 + i, name);
		for (uint32_t i = 0; i < 3; i++) {
			read_name(NULL, 0x80000000 + i, name);
			assert_memory_equal(name, names[i], 34);
		}
		assert_int_equal(list(NULL, 0x80000000, 64, NULL), 3);
		assert_int_equal(list(NULL, 0x02000000, 64, NULL), 3);
	}
	assert_int_equal(with_handle(NULL, TPM2_CC_PolicyGetDigest, sessions[1]), 0);
}

static void its_handles_come_back_with_their_holes(void **state)
{
	uint8_t name[34], again[34];

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		(void)make_key(NULL);
	read_name(NULL, 0x80000002, name);
	assert_int_equal(with_handle(NULL, TPM2_CC_FlushContext, 0x80000000), 0);
	assert_int_equal(with_handle(NULL, TPM2_CC_FlushContext, 0x80000001), 0);
	crowd(alice);
	read_name(NULL, 0x80000002, again);
	assert_memory_equal(name, again, 34);
	assert_int_equal(list(NULL, 0x80000000, 64, NULL), 1);
	assert_int_equal(make_key(NULL), 0x80000000);
}

/* A sequence changes with each use, and its context with it. */
static void a_sequence_goes_on(void **state)
{
	static const uint8_t expected[] = { 0xba, 0x78, 0x16, 0xbf }; /* SHA-256 of "abc" */
	struct tpm_command command;
	uint32_t sequence;

	(void)state;
	(void)make_key(NULL);
	command_hash_start(&command);
	assert_int_equal(code_of(NULL, &command), 0);
	sequence = get_be32(response + TPM_HEADER_SIZE);
	assert_int_equal(sequence, 0x80000001);
	assert_int_equal(with_handle(NULL, TPM2_CC_FlushContext, 0x80000000), 0);
	crowd(alice);
	command_hash_update(&command, sequence, "ab", 2);
	assert_int_equal(code_of(NULL, &command), 0);
	crowd(bob);
	command_hash_complete(&command, sequence, "c", 1);
	assert_int_equal(code_of(NULL, &command), 0);
	assert_memory_equal(response + TPM_HEADER_SIZE + 4 + 2, expected, sizeof(expected));
}

static void its_sessions_are_not_the_spaces_while_they_are_away(void **state)
{
	uint32_t session;

	(void)state;
	session = start_session(NULL, 1);
	crowd(alice);
	assert_int_equal(list(bob, 0x03000000, 64, NULL), 0);
	assert_int_equal(with_handle(bob, TPM2_CC_FlushContext, session), TPM2_RC_HANDLE_P1);
	assert_int_equal(with_handle(bob, TPM2_CC_PolicyGetDigest, session), TPM2_RC_REFERENCE_H0);
	assert_int_equal(with_handle(NULL, TPM2_CC_PolicyGetDigest, session), 0);
	crowd(bob);
	assert_int_equal(with_handle(NULL, TPM2_CC_FlushContext, session), 0);
	assert_int_equal(list(NULL, 0x02000000, 64, NULL), 0);
}

static void what_tpm2_clear_flushes_does_not_come_back(void **state)
{
	struct tpm_command command;

	(void)state;
	command_create_primary_signer(&command, TPM2_RH_OWNER);
	assert_int_equal(code_of(NULL, &command), 0);
	assert_int_equal(make_key(NULL), 0x80000001);
	crowd(alice);
	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_Clear);
	tpm_put_u32(&command, TPM2_RH_LOCKOUT);
	tpm_put_empty_auth(&command);
	assert_int_equal(tpm_command_end(&command), 0);
	assert_int_equal(code_of(bob, &command), 0);
	assert_int_equal(list(NULL, 0x80000000, 64, NULL), 1);
	assert_int_equal(with_handle(NULL, TPM2_CC_ReadPublic, 0x80000001), 0);
}

static void all_of_it_is_there_when_the_tpm_is_saved(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		(void)make_key(NULL);
		(void)start_session(NULL, 0);
	}
	crowd(alice);
	assert_int_equal(resmgr_evict_all(resmgr), 0);
	assert_int_equal(in_tpm(0x80000000), 2);
	assert_int_equal(in_tpm(0x02000000), 2);
}

static void it_has_the_tpm_s_own_limits(void **state)
{
	struct tpm_command command;

	(void)state;
	crowd(alice);
	for (int i = 0; i < 3; i++) {
		(void)make_key(NULL);
		(void)start_session(NULL, 0);
	}
	command_create_primary_signer(&command, TPM2_RH_NULL);
	assert_int_equal(code_of(NULL, &command), TPM2_RC_OBJECT_MEMORY);
	command_start_session(&command, 0);
	assert_int_equal(code_of(NULL, &command), TPM2_RC_SESSION_MEMORY);
	assert_int_equal(list(NULL, 0x80000000, 64, NULL), 3);
	assert_int_equal(list(NULL, 0x02000000, 64, NULL), 3);
}

static void it_is_moved_only_when_there_is_need(void **state)
{
	(void)state;
	(void)make_key(NULL);
	for (int i = 0; i < 2; i++)
		(void)make_key(alice);
	for (int i = 0; i < 20; i++)
		assert_int_equal(with_handle(alice, TPM2_CC_ReadPublic, 0x80000000), 0);
	assert_int_equal(loads + saves + flushes, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(what_it_left_does_not_starve_spaces),
		TEST(its_handles_come_back_with_their_holes),
		TEST(a_sequence_goes_on),
		TEST(its_sessions_are_not_the_spaces_while_they_are_away),
		TEST(what_tpm2_clear_flushes_does_not_come_back),
		TEST(all_of_it_is_there_when_the_tpm_is_saved),
		TEST(it_has_the_tpm_s_own_limits),
		TEST(it_is_moved_only_when_there_is_need),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
