/* SPDX-License-Identifier: BSD-3-Clause */
/* The resource manager in front of a real TPM 2.0. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "tests/common/commands.h"
#include "tests/unit/memory_storage.h"
#include "tpm/space/resmgr.h"
#include "tpm/space/space.h"
#include "tpm/tcg.h"
#include "tpm/tpm.h"
#include "util/bytes.h"
#include "util/cleanup.h"

#define RESMGR_LAYER (11 << 16)

static struct memory_storage memory;
static struct tpm *tpm;
static struct resmgr *resmgr;
static struct space *alice, *bob;
static const uint8_t *response;
static size_t response_len;

/* How many commands of a kind reached the TPM. */
static unsigned int loads, saves, flushes;

static int execute(void *context, const uint8_t *command, size_t len, const uint8_t **answer,
		   size_t *answer_len)
{
	uint8_t copy[TPM_COMMAND_MAX];

	(void)context;
	memcpy(copy, command, len);
	switch (get_be32(command + 6)) {
	case TPM2_CC_ContextLoad:
		loads++;
		break;
	case TPM2_CC_ContextSave:
		saves++;
		break;
	case TPM2_CC_FlushContext:
		flushes++;
		break;
	}
	return tpm_execute(tpm, copy, len, answer, answer_len);
}

static const struct tpm_executor executor = { .execute = execute };

static int start(void **state)
{
	struct tpm_storage storage = memory_storage(&memory);

	(void)state;
	if (tpm_start(TPM_VERSION_2, &storage, &tpm, NULL) < 0 || tpm_startup(tpm, NULL) < 0 ||
	    resmgr_new(&executor, &resmgr, NULL) < 0 || resmgr_open(resmgr, &alice) < 0 ||
	    resmgr_open(resmgr, &bob) < 0)
		return -1;
	loads = saves = flushes = 0;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	resmgr_free(take_ptr(resmgr));
	tpm_stop(take_ptr(tpm));
	memory_storage_done(&memory);
	return 0;
}

static int run(struct space *space, struct tpm_command *command, uint32_t *code)
{
	int r;

	r = resmgr_execute(resmgr, space, command->bytes, command->len, &response, &response_len);
	if (r == 0)
		*code = get_be32(response + 6);
	return r;
}

static uint32_t code_of(struct space *space, struct tpm_command *command)
{
	uint32_t code;

	assert_int_equal(run(space, command, &code), 0);
	return code;
}

/* Returns its handle as the space sees it. */
static uint32_t make_key(struct space *space)
{
	struct tpm_command command;

	command_create_primary_signer(&command, TPM2_RH_NULL);
	assert_int_equal(code_of(space, &command), 0);
	return get_be32(response + TPM_HEADER_SIZE);
}

static int run_handle(struct space *space, uint32_t cc, uint32_t handle, uint32_t *code)
{
	struct tpm_command command;

	command_with_handle(&command, cc, handle);
	return run(space, &command, code);
}

static uint32_t with_handle(struct space *space, uint32_t cc, uint32_t handle)
{
	uint32_t code;

	assert_int_equal(run_handle(space, cc, handle, &code), 0);
	return code;
}

static uint32_t start_session(struct space *space, uint8_t type)
{
	struct tpm_command command;

	command_start_session(&command, type);
	assert_int_equal(code_of(space, &command), 0);
	return get_be32(response + TPM_HEADER_SIZE);
}

/* TPM2_GetCapability(TPM_CAP_HANDLES): how many, and the first of them. */
static uint32_t list(struct space *space, uint32_t first, uint32_t most, uint32_t *handle)
{
	struct tpm_command command;
	uint32_t count;

	command_list_handles(&command, first, most);
	assert_int_equal(code_of(space, &command), 0);
	count = get_be32(response + 15);
	assert_int_equal(response_len, 19 + 4 * count);
	if (handle != NULL)
		*handle = count > 0 ? get_be32(response + 19) : 0;
	return count;
}

/* What the TPM itself has, asked behind the manager's back. */
static uint32_t in_tpm(uint32_t first)
{
	uint32_t handles[64];
	size_t count;

	assert_int_equal(context_read_handles(&executor, first, handles, 64, &count), 0);
	return (uint32_t)count;
}

static void objects_have_the_kernel_s_handles(void **state)
{
	(void)state;
	assert_int_equal(make_key(alice), 0x80ffffff);
	assert_int_equal(make_key(alice), 0x80fffffe);
	assert_int_equal(make_key(bob), 0x80ffffff);
	assert_int_equal(with_handle(alice, TPM2_CC_FlushContext, 0x80ffffff), 0);
	assert_int_equal(make_key(alice), 0x80ffffff);
}

static void a_handle_the_space_has_not_is_einval(void **state)
{
	uint32_t code;

	(void)state;
	(void)make_key(alice);
	assert_int_equal(run_handle(bob, TPM2_CC_ReadPublic, 0x80ffffff, &code), -EINVAL);
	assert_int_equal(run_handle(bob, TPM2_CC_ReadPublic, 0x80000000, &code), -EINVAL);
	assert_int_equal(run_handle(alice, TPM2_CC_ReadPublic, 0x80000000, &code), -EINVAL);
	assert_int_equal(run_handle(bob, TPM2_CC_FlushContext, 0x80ffffff, &code), -EINVAL);
	assert_int_equal(with_handle(alice, TPM2_CC_ReadPublic, 0x80ffffff), 0);
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
	assert_int_equal(run_handle(bob, TPM2_CC_ReadPublic, handles[1] - 40, &code), -EINVAL);
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
		assert_int_equal(with_handle(bob, TPM2_CC_ReadPublic, 0x80ffffff - (uint32_t)i), 0);
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
	assert_int_equal(handle, 0x80fffffb);
	assert_int_equal(response[TPM_HEADER_SIZE], 0);
	assert_int_equal(list(alice, 0x80fffffe, 64, &handle), 2);
	assert_int_equal(list(alice, 0x80000000, 3, &handle), 3);
	assert_int_equal(response[TPM_HEADER_SIZE], 1);
	assert_int_equal(list(bob, 0x80000000, 64, NULL), 0);
	assert_int_equal(list(NULL, 0x80000000, 64, NULL), 0);

	(void)start_session(alice, 1);
	assert_int_equal(list(alice, 0x02000000, 64, NULL), 1);
	assert_int_equal(list(bob, 0x02000000, 64, NULL), 0);
	assert_int_equal(list(NULL, 0x02000000, 64, NULL), 0);
	assert_int_equal(list(NULL, 0x03000000, 64, NULL), 0);
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

/* PolicyGetDigest of a session: it works for the owner alone. */
#define TPM2_CC_PolicyGetDigest 0x189

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
	assert_int_equal(with_handle(bob, TPM2_CC_ReadPublic, 0x80ffffff), 0);
	resmgr_close(resmgr, take_ptr(bob));
	assert_int_equal(in_tpm(0x80000000), 0);
}

static size_t save_context(struct space *space, uint32_t handle, uint8_t *context)
{
	assert_int_equal(with_handle(space, TPM2_CC_ContextSave, handle), 0);
	memcpy(context, response + TPM_HEADER_SIZE, response_len - TPM_HEADER_SIZE);
	return response_len - TPM_HEADER_SIZE;
}

static uint32_t load_context(struct space *space, const uint8_t *context, size_t len)
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_ContextLoad);
	tpm_put_bytes(&command, context, len);
	assert_int_equal(tpm_command_end(&command), 0);
	return code_of(space, &command);
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
	assert_int_equal(get_be32(response + TPM_HEADER_SIZE), 0x80ffffff);

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
	assert_int_equal(with_handle(alice, TPM2_CC_ReadPublic, 0x80ffffff), 0);
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
	len = save_context(alice, 0x80ffffff, context);
	for (int i = 1; i < SPACE_OBJECTS_MAX; i++)
		assert_int_equal(load_context(alice, context, len), 0);
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_ContextLoad);
	tpm_put_bytes(&command, context, len);
	assert_int_equal(tpm_command_end(&command), 0);
	assert_int_equal(run(alice, &command, &code), -ENOMEM);
	assert_int_equal(list(alice, 0x80000000, 100, NULL), SPACE_OBJECTS_MAX);
	assert_int_equal(with_handle(alice, TPM2_CC_ReadPublic, 0x80ffffff), 0);
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
		TEST(objects_have_the_kernel_s_handles),
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
