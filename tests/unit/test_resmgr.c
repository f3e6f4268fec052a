/* SPDX-License-Identifier: BSD-3-Clause */
/* The resource manager in front of a real TPM 2.0. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/resmgr_fixture.h"
#include "tpm/space/space.h"

static void objects_have_the_lowest_free_numbers(void **state)
{
	(void)state;
	assert_int_equal(make_key(alice), 0x80000000);
	assert_int_equal(make_key(alice), 0x80000001);
	assert_int_equal(make_key(bob), 0x80000000);
	assert_int_equal(make_key(alice), 0x80000002);
	assert_int_equal(with_handle(alice, TPM2_CC_FlushContext, 0x80000001), 0);
	assert_int_equal(make_key(alice), 0x80000001);
}

/* Where the TPM has it, and others under the number of the first. */
static void a_number_is_the_owner_s_not_the_tpm_s(void **state)
{
	struct space *spaces[] = { alice, bob, NULL };
	uint8_t names[3][34];

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 3; i++) {
			uint8_t *name = names[i];

			if (round == 0)
				assert_int_equal(make_key(spaces[i]), 0x80000000);
			assert_int_equal(with_handle(spaces[i], TPM2_CC_ReadPublic, 0x80000000), 0);
			if (round == 0)
				memcpy(name, response + response_len - 36 - 34, 34);
			assert_memory_equal(name, response + response_len - 36 - 34, 34);
		}
	}
	assert_int_equal(with_handle(alice, TPM2_CC_FlushContext, 0x80000000), 0);
	assert_int_equal(with_handle(bob, TPM2_CC_ReadPublic, 0x80000000), 0);
	assert_memory_equal(names[1], response + response_len - 36 - 34, 34);
}

static void a_handle_the_space_has_not_is_einval(void **state)
{
	uint32_t code;

	(void)state;
	(void)make_key(alice);
	assert_int_equal(run_handle(bob, TPM2_CC_ReadPublic, 0x80000000, &code), -EINVAL);
	assert_int_equal(run_handle(bob, TPM2_CC_ReadPublic, 0x80ffffff, &code), -EINVAL);
	assert_int_equal(run_handle(alice, TPM2_CC_ReadPublic, 0x80000001, &code), -EINVAL);
	assert_int_equal(run_handle(bob, TPM2_CC_FlushContext, 0x80000000, &code), -EINVAL);
	assert_int_equal(with_handle(alice, TPM2_CC_ReadPublic, 0x80000000), 0);
}

static void more_objects_than_slots_work(void **state)
{
	uint32_t handles[12], code;
	uint8_t names[12][34];

	(void)state;
	for (int i = 0; i < 12; i++) {
		handles[i] = make_key(i % 2 ? alice : bob);
		assert_int_equal(with_handle(i % 2 ? alice : bob, TPM2_CC_ReadPublic, handles[i]),
				 0);
		memcpy(names[i], response + response_len - 36 - 34, sizeof(names[i]));
	}
	for (int i = 11; i >= 0; i--) {
		assert_int_equal(with_handle(i % 2 ? alice : bob, TPM2_CC_ReadPublic, handles[i]),
				 0);
		assert_memory_equal(names[i], response + response_len - 36 - 34, 34);
	}
	assert_true(in_tpm(0x80000000) <= 3);
	assert_int_equal(run_handle(bob, TPM2_CC_ReadPublic, handles[1] + 40, &code), -EINVAL);
}

static void a_single_user_costs_no_context_traffic(void **state)
{
	uint32_t key = make_key(alice), session = start_session(alice, 1);

	(void)state;
	for (int i = 0; i < 50; i++) {
		assert_int_equal(with_handle(alice, TPM2_CC_ReadPublic, key), 0);
		(void)session;
	}
	assert_int_equal(loads + saves + flushes, 0);
}

static void an_object_is_saved_once_and_loaded_when_needed(void **state)
{
	uint32_t key;

	(void)state;
	key = make_key(alice);
	for (int i = 0; i < 3; i++)
		(void)make_key(bob);
	assert_int_equal(saves, 1);
	assert_int_equal(with_handle(alice, TPM2_CC_ReadPublic, key), 0);
	assert_int_equal(loads, 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(with_handle(bob, TPM2_CC_ReadPublic, 0x80000000 + (uint32_t)i), 0);
	assert_int_equal(with_handle(alice, TPM2_CC_ReadPublic, key), 0);
	/* Its first context is still good. */
	assert_true(saves <= 4);
}

static void a_space_lists_its_own_handles(void **state)
{
	uint32_t handle;

	(void)state;
	for (int i = 0; i < 5; i++)
		(void)make_key(alice);
	assert_int_equal(list(alice, 0x80000000, 64, &handle), 5);
	assert_int_equal(handle, 0x80000000);
	assert_int_equal(response[TPM_HEADER_SIZE], 0);
	assert_int_equal(list(alice, 0x80000003, 64, &handle), 2);
	assert_int_equal(list(alice, 0x80000000, 3, &handle), 3);
	assert_int_equal(response[TPM_HEADER_SIZE], 1);
	assert_int_equal(list(bob, 0x80000000, 64, NULL), 0);
	assert_int_equal(list(NULL, 0x80000000, 64, NULL), 0);

	(void)start_session(alice, 1);
	assert_int_equal(list(alice, 0x02000000, 64, NULL), 1);
	assert_int_equal(list(bob, 0x02000000, 64, NULL), 0);
	assert_int_equal(list(NULL, 0x02000000, 64, NULL), 0);
	/* The exclusive user is told what the TPM says. */
	assert_int_equal(list(NULL, 0x03000000, 64, NULL), 1);
	assert_int_equal(in_tpm(0x03000000), 1);
}

static void an_unknown_command_is_answered_as_the_kernel_does(void **state)
{
	struct tpm_command command;

	(void)state;
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, 0x0000ffff);
	assert_int_equal(tpm_command_end(&command), 0);
	assert_int_equal(code_of(alice, &command), 0x000b0143);
	assert_int_equal(response_len, TPM_HEADER_SIZE);
}

static void a_command_shorter_than_its_handles_is_einval(void **state)
{
	struct tpm_command command;
	uint32_t code;

	(void)state;
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_ReadPublic);
	assert_int_equal(tpm_command_end(&command), 0);
	assert_int_equal(run(alice, &command, &code), -EINVAL);
}

static void a_session_is_its_owner_s(void **state)
{
	uint32_t session;

	(void)state;
	session = start_session(alice, 1);
	assert_int_equal(with_handle(alice, TPM2_CC_PolicyGetDigest, session), 0);
	assert_int_equal(with_handle(bob, TPM2_CC_PolicyGetDigest, session), TPM2_RC_REFERENCE_H0);
	assert_int_equal(with_handle(NULL, TPM2_CC_PolicyGetDigest, session), TPM2_RC_REFERENCE_H0);
	assert_int_equal(with_handle(bob, TPM2_CC_FlushContext, session), TPM2_RC_HANDLE_P1);
	assert_int_equal(with_handle(NULL, TPM2_CC_FlushContext, session), TPM2_RC_HANDLE_P1);
	assert_int_equal(with_handle(alice, TPM2_CC_PolicyGetDigest, session), 0);
	assert_int_equal(with_handle(alice, TPM2_CC_FlushContext, session), 0);
	assert_int_equal(in_tpm(0x02000000) + in_tpm(0x03000000), 0);
}

static void more_sessions_than_slots_work(void **state)
{
	uint32_t sessions[10];

	(void)state;
	for (int i = 0; i < 10; i++)
		sessions[i] = start_session(alice, 1);
	for (int i = 0; i < 10; i++)
		assert_int_equal(with_handle(alice, TPM2_CC_PolicyGetDigest, sessions[i]), 0);
	assert_int_equal(list(alice, 0x02000000, 64, NULL), 10);
}

static void closing_flushes_everything(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		(void)make_key(alice);
		(void)start_session(alice, (uint8_t)(i % 2));
	}
	(void)make_key(bob);
	resmgr_close(resmgr, take_ptr(alice));
	assert_int_equal(in_tpm(0x02000000) + in_tpm(0x03000000), 0);
	assert_true(in_tpm(0x80000000) <= 1);
	assert_int_equal(with_handle(bob, TPM2_CC_ReadPublic, 0x80000000), 0);
	resmgr_close(resmgr, take_ptr(bob));
	assert_int_equal(in_tpm(0x80000000), 0);
}

static void contexts_travel_between_spaces(void **state)
{
	uint8_t context[TPM_COMMAND_MAX];
	uint32_t key, session;
	size_t len;

	(void)state;
	key = make_key(alice);
	len = save_context(alice, key, context);
	assert_int_equal(load_context(bob, context, len), 0);
	assert_int_equal(get_be32(response + TPM_HEADER_SIZE), 0x80000000);

	session = start_session(alice, 1);
	len = save_context(alice, session, context);
	resmgr_close(resmgr, take_ptr(alice));
	assert_int_equal(in_tpm(0x03000000), 1);
	assert_int_equal(list(bob, 0x03000000, 64, NULL), 1);
	assert_int_equal(load_context(bob, context, len), 0);
	assert_int_equal(get_be32(response + TPM_HEADER_SIZE), session);
	assert_int_equal(list(bob, 0x02000000, 64, NULL), 1);
	assert_int_equal(with_handle(bob, TPM2_CC_FlushContext, session), 0);
}

static void what_tpm2_clear_flushes_is_gone_for_its_owner_alone(void **state)
{
	struct tpm_command command;
	uint32_t owned, code;
	int r;

	(void)state;
	command_create_primary_signer(&command, TPM2_RH_OWNER);
	assert_int_equal(code_of(alice, &command), 0);
	owned = get_be32(response + TPM_HEADER_SIZE);

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_Clear);
	tpm_put_u32(&command, TPM2_RH_LOCKOUT);
	tpm_put_empty_auth(&command);
	assert_int_equal(tpm_command_end(&command), 0);
	assert_int_equal(code_of(bob, &command), 0);
	(void)make_key(bob); /* takes the place in the TPM */
	r = run_handle(alice, TPM2_CC_ReadPublic, owned, &code);
	assert_true(r == -EINVAL || (r == 0 && code != 0));
}

static void the_exclusive_user_has_the_tpm_to_itself(void **state)
{
	uint32_t physical;

	(void)state;
	for (int i = 0; i < 3; i++)
		(void)make_key(alice);
	physical = make_key(NULL);
	assert_int_equal(physical, 0x80000000);
	assert_int_equal(list(NULL, 0x80000000, 64, NULL), 1);
	assert_int_equal(with_handle(alice, TPM2_CC_ReadPublic, 0x80000000), 0);
	assert_int_equal(with_handle(NULL, TPM2_CC_ReadPublic, physical), 0);
	assert_int_equal(with_handle(NULL, TPM2_CC_FlushContext, physical), 0);
	assert_int_equal(list(alice, 0x80000000, 64, NULL), 3);
}

static void a_full_space_gets_enomem_and_loses_nothing(void **state)
{
	uint8_t context[TPM_COMMAND_MAX];
	struct tpm_command command;
	uint32_t code;
	size_t len;

	(void)state;
	(void)make_key(alice);
	len = save_context(alice, 0x80000000, context);
	for (int i = 1; i < SPACE_OBJECTS_MAX; i++)
		assert_int_equal(load_context(alice, context, len), 0);
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_ContextLoad);
	tpm_put_bytes(&command, context, len);
	assert_int_equal(tpm_command_end(&command), 0);
	assert_int_equal(run(alice, &command, &code), -ENOMEM);
	assert_int_equal(list(alice, 0x80000000, 100, NULL), SPACE_OBJECTS_MAX);
	assert_int_equal(with_handle(alice, TPM2_CC_ReadPublic, 0x80000000), 0);
}

static void a_session_survives_65536_others(void **state)
{
	uint8_t context[TPM_COMMAND_MAX];
	uint32_t old, orphan;
	size_t len;

	(void)state;
	old = start_session(alice, 1);
	orphan = start_session(bob, 1);
	len = save_context(bob, orphan, context);
	for (int i = 0; i < (1 << 16) + 100; i++) {
		/* Each of the exclusive user's commands moves all sessions out. */
		uint32_t session = start_session(bob, 1);

		(void)list(NULL, 0x80000000, 1, NULL);
		assert_int_equal(with_handle(bob, TPM2_CC_FlushContext, session), 0);
	}
	assert_int_equal(with_handle(alice, TPM2_CC_PolicyGetDigest, old), 0);
	assert_int_equal(load_context(bob, context, len), 0);
	assert_int_equal(with_handle(bob, TPM2_CC_PolicyGetDigest, orphan), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(objects_have_the_lowest_free_numbers),
		TEST(a_number_is_the_owner_s_not_the_tpm_s),
		TEST(a_handle_the_space_has_not_is_einval),
		TEST(more_objects_than_slots_work),
		TEST(a_single_user_costs_no_context_traffic),
		TEST(an_object_is_saved_once_and_loaded_when_needed),
		TEST(a_space_lists_its_own_handles),
		TEST(an_unknown_command_is_answered_as_the_kernel_does),
		TEST(a_command_shorter_than_its_handles_is_einval),
		TEST(a_session_is_its_owner_s),
		TEST(more_sessions_than_slots_work),
		TEST(closing_flushes_everything),
		TEST(contexts_travel_between_spaces),
		TEST(what_tpm2_clear_flushes_is_gone_for_its_owner_alone),
		TEST(the_exclusive_user_has_the_tpm_to_itself),
		TEST(a_full_space_gets_enomem_and_loses_nothing),
		TEST(a_session_survives_65536_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
