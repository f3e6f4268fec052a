/* SPDX-License-Identifier: BSD-3-Clause */
/* How users of the resource manager list their handles: in pieces, and protected by a session. */
#include "tests/unit/unit.h"

#include <string.h>

#include "tests/unit/resmgr_fixture.h"

#define AUTH_CONTEXT (TPM2_RC_AUTH_CONTEXT | RESMGR_LAYER)

/* The list of all, one by one: by the number that was asked for or by the last answer, plus one. */
static uint32_t count_one_by_one(struct space *space, uint32_t first, bool by_property)
{
	uint32_t handle, count = 0, property = first;
	bool more = true;

	while (more) {
		assert_true(count < 10);
		assert_int_equal(list(space, property, 1, &handle), 1);
		more = response[TPM_HEADER_SIZE] != 0;
		assert_int_equal(handle, first + count);
		property = by_property ? property + 1 : handle + 1;
		count++;
	}
	return count;
}

static void every_way_to_list_ends_with_each_handle_once(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		(void)make_key(bob); /* others are in the TPM as well */
		(void)make_key(alice);
	}
	assert_int_equal(count_one_by_one(alice, 0x80000000, true), 3);
	assert_int_equal(count_one_by_one(alice, 0x80000000, false), 3);
}

static void a_listing_of_handles_with_holes_ends(void **state)
{
	uint32_t property, handle, count = 0;
	bool more = true;

	(void)state;
	for (int i = 0; i < 6; i++)
		(void)make_key(alice);
	for (uint32_t i = 1; i < 5; i++)
		assert_int_equal(with_handle(alice, TPM2_CC_FlushContext, 0x80000000 + i), 0);
	for (property = 0x80000000; more; property = handle + 1) {
		assert_int_equal(list(alice, property, 1, &handle), 1);
		more = response[TPM_HEADER_SIZE] != 0;
		count++;
	}
	assert_int_equal(count, 2);
	assert_int_equal(handle, 0x80000005);
	more = true;
	for (property = 0x80000000; more; property++) {
		assert_true(property <= 0x80000005);
		assert_int_equal(list(alice, property, 1, &handle), 1);
		more = response[TPM_HEADER_SIZE] != 0;
	}
	assert_int_equal(handle, 0x80000005);
}

/* In an audit session: the answer has the session's area after its parameters. */
static uint32_t audit_list(struct space *space, uint32_t session, uint32_t first, uint32_t most)
{
	struct tpm_command command;

	command_audit_handles(&command, session, first, most);
	return code_of(space, &command);
}

static uint32_t audited_count(void)
{
	return get_be32(response + TPM_HEADER_SIZE + 4 + 1 + 4);
}

static uint32_t audited_handle(uint32_t i)
{
	return get_be32(response + TPM_HEADER_SIZE + 4 + 1 + 4 + 4 + 4 * i);
}

static void the_exclusive_user_s_audit_is_the_tpm_s(void **state)
{
	static const uint32_t kinds[] = { 0x80000000, 0x02000000, 0x03000000, 0x81000000 };
	uint32_t session;

	(void)state;
	(void)make_key(alice);
	(void)start_session(alice, 1);
	(void)make_key(NULL);
	session = start_session(NULL, 0);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		assert_int_equal(audit_list(NULL, session, kinds[i], 64), 0);
	assert_int_equal(audit_list(NULL, session, 0x80000000, 64), 0);
	assert_int_equal(audited_count(), 1);
	assert_int_equal(audit_list(NULL, session, 0x03000000, 64), 0);
	assert_int_equal(audited_count(), 1); /* alice's, which is out of its way */
	assert_int_equal(audit_list(NULL, session, 0x02000000, 64), 0);
	assert_int_equal(audited_count(), 1);
	assert_int_equal(audited_handle(0), session);
}

static void a_space_is_told_the_truth_under_audit(void **state)
{
	uint32_t session;

	(void)state;
	(void)make_key(NULL);
	(void)make_key(bob);
	(void)make_key(alice);
	(void)make_key(bob);
	(void)make_key(alice);
	session = start_session(alice, 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(audit_list(alice, session, 0x80000000, 64), 0);
		assert_int_equal(audited_count(), 2);
		assert_int_equal(audited_handle(0), 0x80000000);
		assert_int_equal(audited_handle(1), 0x80000001);
		assert_int_equal(audit_list(alice, session, 0x80000001, 1), 0);
		assert_int_equal(audited_count(), 1);
		assert_int_equal(audited_handle(0), 0x80000001);
		assert_int_equal(with_handle(bob, TPM2_CC_ReadPublic, 0x80000001), 0);
	}
	assert_int_equal(with_handle(NULL, TPM2_CC_ReadPublic, 0x80000000), 0);
}

static void what_the_exclusive_user_left_is_not_in_it(void **state)
{
	uint32_t session;

	(void)state;
	assert_int_equal(make_key(NULL), 0x80000000);
	(void)start_session(NULL, 0);
	(void)make_key(alice);
	session = start_session(alice, 0);
	assert_int_equal(audit_list(alice, session, 0x80000000, 64), 0);
	assert_int_equal(audited_count(), 1);
	assert_int_equal(audited_handle(0), 0x80000000);
	assert_int_equal(audit_list(alice, session, 0x02000000, 64), 0);
	assert_int_equal(audited_count(), 1);
	assert_int_equal(audited_handle(0), session);
}

static void a_space_s_sessions_can_be_audited(void **state)
{
	uint32_t session, first;

	(void)state;
	(void)start_session(NULL, 0);
	(void)start_session(bob, 1);
	first = start_session(alice, 1);
	session = start_session(alice, 0);
	assert_int_equal(audit_list(alice, session, 0x02000000, 64), 0);
	assert_int_equal(audited_count(), 2);
	assert_int_equal(audited_handle(0), first);
	assert_int_equal(audited_handle(1), session);
	/* Those of the others have been saved, which is not for alice to know. */
	assert_int_equal(audit_list(alice, session, 0x03000000, 64), AUTH_CONTEXT);
}

static void saved_sessions_can_be_audited_while_none_is_somebody_else_s(void **state)
{
	uint8_t context[TPM_COMMAND_MAX];
	uint32_t session, saved;

	(void)state;
	session = start_session(alice, 0);
	(void)start_session(bob, 1);
	assert_int_equal(audit_list(alice, session, 0x03000000, 64), 0);
	assert_int_equal(audited_count(), 0);
	saved = start_session(alice, 1);
	(void)save_context(alice, saved, context);
	assert_int_equal(audit_list(alice, session, 0x03000000, 64), 0);
	assert_int_equal(audited_count(), 1);
	assert_int_equal(audited_handle(0) & 0x00ffffff, saved & 0x00ffffff);
}

static void what_the_tpm_cannot_say_is_an_error_under_audit(void **state)
{
	uint32_t session;

	(void)state;
	session = start_session(alice, 0);
	for (int i = 0; i < 4; i++)
		(void)make_key(alice);
	assert_int_equal(audit_list(alice, session, 0x80000000, 64), AUTH_CONTEXT);
	assert_int_equal(response_len, TPM_HEADER_SIZE);
	assert_int_equal(with_handle(alice, TPM2_CC_FlushContext, 0x80000003), 0);
	assert_int_equal(audit_list(alice, session, 0x80000000, 64), 0);
	assert_int_equal(audited_count(), 3);
	/* A hole: the TPM would have given the number away. */
	assert_int_equal(with_handle(alice, TPM2_CC_FlushContext, 0x80000000), 0);
	assert_int_equal(audit_list(alice, session, 0x80000000, 64), AUTH_CONTEXT);
	assert_int_equal(with_handle(alice, TPM2_CC_ReadPublic, 0x80000001), 0);
	assert_int_equal(with_handle(alice, TPM2_CC_ReadPublic, 0x80000002), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(every_way_to_list_ends_with_each_handle_once),
		TEST(a_listing_of_handles_with_holes_ends),
		TEST(the_exclusive_user_s_audit_is_the_tpm_s),
		TEST(a_space_is_told_the_truth_under_audit),
		TEST(what_the_exclusive_user_left_is_not_in_it),
		TEST(a_space_s_sessions_can_be_audited),
		TEST(saved_sessions_can_be_audited_while_none_is_somebody_else_s),
		TEST(what_the_tpm_cannot_say_is_an_error_under_audit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
