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

static int start(void **state)
{
	const struct transmit_options options = {
		.tpm = { .execute = execute },
		.version = TPM_VERSION_2,
		.relieve = ignore,
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

static void a_failed_tpm_is_asked_itself_until_its_reset(void **state)
{
	struct space *space = NULL;

	(void)state;
	assert_int_equal(gate_manage(gate, NULL), 0);
	failing = true;
	assert_int_equal(read_public(NULL), TPM2_RC_FAILURE);
	failing = false;
	assert_int_equal(read_public(&space), NO_SUCH_OBJECT);
	assert_null(space);
	gate_reset(gate);
	assert_int_equal(read_public(&space), -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(without_a_manager_all_speak_to_the_tpm_itself),
		TEST(with_a_manager_a_user_gets_a_space_and_the_exclusive_one_does_not),
		TEST(a_failed_tpm_is_asked_itself_until_its_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
