/* SPDX-License-Identifier: BSD-3-Clause */
/* The way to a real TPM 2.0 that can be made to fail. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "tests/unit/memory_storage.h"
#include "tpm/space/gate.h"
#include "tpm/tcg.h"
#include "tpm/tpm.h"
#include "util/bytes.h"

static struct memory_storage memory;
static struct tpm *tpm;
static struct gate *gate;
static bool failing;

static const uint8_t failure[] = { 0x80, 0x01, 0, 0, 0, 10, 0, 0, 0x01, 0x01 };

static int execute(void *context, const uint8_t *command, size_t len, const uint8_t **response,
		   size_t *response_len)
{
	(void)context;
	*response = failure;
	*response_len = sizeof(failure);
	return failing ? 0 : tpm_execute(tpm, command, len, response, response_len);
}

static void ignore(void *context)
{
	(void)context;
}

static bool is_stalled(void *context)
{
	(void)context;
	return tpm_is_stalled(tpm);
}

static int start(void **state)
{
	const struct transmit_options options = {
		.tpm = { .execute = execute },
		.version = TPM_VERSION_2,
		.relieve = ignore,
		.is_stalled = is_stalled,
	};
	struct tpm_storage storage = memory_storage(&memory);

	(void)state;
	failing = false;
	if (tpm_start(TPM_VERSION_2, &storage, &tpm, NULL) < 0 || tpm_startup(tpm, NULL) < 0)
		return -1;
	return gate_new(&options, &gate);
}

static int stop(void **state)
{
	(void)state;
	gate_free(take_ptr(gate));
	tpm_stop(take_ptr(tpm));
	memory_storage_done(&memory);
	return 0;
}

/* TPM2_ReadPublic of an object that nobody has loaded: the TPM's answer, or the space's errno. */
static int read_public(struct space **space)
{
	static const uint8_t command[] = {
		0x80, 0x01, 0, 0, 0, 14, 0, 0, 0x01, 0x73, 0x80, 0, 0, 0
	};
	const uint8_t *response;
	size_t len;
	int r = gate_execute(gate, space, command, sizeof(command), &response, &len);

	return r < 0 ? r : (int)get_be32(response + 6);
}

#define NO_SUCH_OBJECT TPM2_RC_REFERENCE_H0

static void without_a_manager_all_speak_to_the_tpm_itself(void **state)
{
	struct space *space = NULL;

	(void)state;
	assert_int_equal(read_public(NULL), NO_SUCH_OBJECT);
	assert_int_equal(read_public(&space), NO_SUCH_OBJECT);
	assert_null(space);
}

static void with_a_manager_a_user_gets_a_space_and_the_exclusive_one_does_not(void **state)
{
	struct space *space = NULL;

	(void)state;
	assert_int_equal(gate_manage(gate, NULL), 0);
	assert_int_equal(read_public(NULL), NO_SUCH_OBJECT);
	assert_int_equal(read_public(&space), -EINVAL);
	assert_non_null(space);
	gate_leave(gate, space);
}

static void a_failed_tpm_is_asked_itself(void **state)
{
	struct space *space = NULL;

	(void)state;
	assert_int_equal(gate_manage(gate, NULL), 0);
	failing = true;
	assert_int_equal(read_public(NULL), TPM2_RC_FAILURE);
	failing = false;
	assert_int_equal(read_public(&space), NO_SUCH_OBJECT);
	assert_null(space);
}

/* A transient object in a space: TPM2_CreatePrimary of an ECC key; its handle. */
static uint32_t make_object(struct space **space)
{
	static const uint8_t template[] = { 0x00, 0x23, 0x00, 0x0b, 0x00, 0x04, 0x00, 0x72,
					    0x00, 0x00, 0x00, 0x10, 0x00, 0x18, 0x00, 0x0b,
					    0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00 };
	struct tpm_command command;
	const uint8_t *response;
	size_t len;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_CreatePrimary);
	tpm_put_u32(&command, TPM2_RH_OWNER);
	tpm_put_empty_auth(&command);
	tpm_put_sized(&command, "\0\0\0\0", 4);
	tpm_put_sized(&command, template, sizeof(template));
	tpm_put_u16(&command, 0);
	tpm_put_u32(&command, 0);
	assert_int_equal(tpm_command_end(&command), 0);
	assert_int_equal(gate_execute(gate, space, command.bytes, command.len, &response, &len), 0);
	assert_int_equal(get_be32(response + 6), 0);
	return get_be32(response + 10);
}

/* TPM2_ClearControl(lockout, empty password, disable) */
static uint32_t change_something(struct space **space)
{
	static const uint8_t command[] = { 0x80, 0x02, 0, 0,    0, 28, 0, 0, 0x01, 0x27,
					   0x40, 0,    0, 0x0c, 0, 0,  0, 9, 0x40, 0,
					   0,    9,    0, 0,    0, 0,  0, 1 };
	const uint8_t *response;
	size_t len;

	assert_int_equal(gate_execute(gate, space, command, sizeof(command), &response, &len), 0);
	return get_be32(response + 6);
}

static int read_object(struct space **space, uint32_t handle)
{
	uint8_t command[] = { 0x80, 0x01, 0, 0, 0, 14, 0, 0, 0x01, 0x73, 0, 0, 0, 0 };
	const uint8_t *response;
	size_t len;

	put_be32(command + 10, handle);
	assert_int_equal(gate_execute(gate, space, command, sizeof(command), &response, &len), 0);
	return (int)get_be32(response + 6);
}

static void what_could_not_be_stored_fails_and_spaces_keep_their_objects(void **state)
{
	struct space *space = NULL, *other = NULL;
	uint32_t handle;

	(void)state;
	assert_int_equal(gate_manage(gate, NULL), 0);
	handle = make_object(&space);
	memory.store_error = -ENOSPC;
	assert_int_equal(change_something(&other), TPM2_RC_FAILURE);
	assert_int_equal(read_object(&space, handle), TPM2_RC_FAILURE);
	assert_int_equal(read_public(NULL), TPM2_RC_FAILURE);
	memory.store_error = 0;
	assert_int_equal(read_object(&space, handle), TPM2_RC_FAILURE);
	assert_int_equal(tpm_store_again(tpm, NULL), 0);
	assert_int_equal(read_object(&space, handle), 0);
	assert_int_equal(change_something(NULL), 0);
	gate_leave(gate, space);
	gate_leave(gate, other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(without_a_manager_all_speak_to_the_tpm_itself),
		TEST(with_a_manager_a_user_gets_a_space_and_the_exclusive_one_does_not),
		TEST(a_failed_tpm_is_asked_itself),
		TEST(what_could_not_be_stored_fails_and_spaces_keep_their_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
