/* SPDX-License-Identifier: BSD-3-Clause */
/* The state directory under the real TPM. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/scratch.h"
#include "tpm/state.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

#define INDEX 0x01500001

static struct state_key *key;
static struct state *opened;
static struct tpm *tpm;

static int set_up(void **state)
{
	(void)state;
	(void)scratch_make();
	assert_int_equal(state_key_from_bytes(KEY_RAW, "x1234567890123456789012345678901", 32, "x",
					      &key, NULL),
			 0);
	return 0;
}

static void stop(void)
{
	tpm_stop(take_ptr(tpm));
	state_close(take_ptr(opened));
}

static int tear_down(void **state)
{
	(void)state;
	stop();
	state_key_free(take_ptr(key));
	scratch_remove();
	return 0;
}

static void start(enum tpm_version version)
{
	struct state_options options = {
		.dir = scratch_path("tpm"),
		.version = version,
		.key = key,
		.sync = true,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
	};
	struct tpm_storage storage;

	assert_int_equal(state_open(&options, &opened, NULL), 0);
	storage = state_storage(opened);
	assert_int_equal(tpm_start(version, &storage, &tpm, NULL), 0);
	assert_int_equal(tpm_startup(tpm, NULL), 0);
}

static const uint8_t *run(struct tpm_command *command, uint32_t expected)
{
	const uint8_t *response;
	size_t len;

	assert_int_equal(tpm_command_end(command), 0);
	assert_int_equal(tpm_execute(tpm, command->bytes, command->len, &response, &len), 0);
	assert_int_equal(get_be32(response + 6), expected);
	return response;
}

static void define_index(void)
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_NV_DefineSpace);
	tpm_put_u32(&command, TPM2_RH_OWNER);
	tpm_put_empty_auth(&command);
	tpm_put_u16(&command, 0);
	tpm_put_u16(&command, 14);
	tpm_put_u32(&command, INDEX);
	tpm_put_u16(&command, 0x000b);
	tpm_put_u32(&command, 0x00020002); /* OWNERREAD | OWNERWRITE */
	tpm_put_u16(&command, 0);
	tpm_put_u16(&command, 8);
	(void)run(&command, 0);
}

static void write_index(const char *text)
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_NV_Write);
	tpm_put_u32(&command, TPM2_RH_OWNER);
	tpm_put_u32(&command, INDEX);
	tpm_put_empty_auth(&command);
	tpm_put_sized(&command, text, 8);
	tpm_put_u16(&command, 0);
	(void)run(&command, 0);
}

static void expect_index(const char *text)
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_NV_Read);
	tpm_put_u32(&command, TPM2_RH_OWNER);
	tpm_put_u32(&command, INDEX);
	tpm_put_empty_auth(&command);
	tpm_put_u16(&command, 8);
	tpm_put_u16(&command, 0);
	assert_memory_equal(run(&command, 0) + 16, text, 8);
}

static void an_index_survives_an_orderly_stop_and_a_power_cut(void **state)
{
	(void)state;
	start(TPM_VERSION_2);
	define_index();
	write_index("orderly!");
	assert_int_equal(tpm_shutdown(tpm, NULL), 0);
	stop();
	start(TPM_VERSION_2);
	expect_index("orderly!");
	write_index("the cut!");
	stop();
	start(TPM_VERSION_2);
	expect_index("the cut!");
}

static void commands_that_change_nothing_store_nothing(void **state)
{
	struct tpm_command command;
	struct state_info info;
	uint64_t before;

	(void)state;
	start(TPM_VERSION_2);
	state_get_info(opened, &info);
	before = info.stores;
	for (int i = 0; i < 10; i++) {
		tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_GetRandom);
		tpm_put_u16(&command, 8);
		(void)run(&command, 0);
	}
	state_get_info(opened, &info);
	assert_int_equal(info.stores, before);
	define_index();
	state_get_info(opened, &info);
	assert_int_equal(info.stores, before + 1);
}

static void a_tpm_1_2_keeps_what_it_saved(void **state)
{
	(void)state;
	start(TPM_VERSION_1_2);
	assert_int_equal(tpm_shutdown(tpm, NULL), 0);
	stop();
	assert_true(scratch_exists(scratch_path("tpm/tpm.savestate")));
	start(TPM_VERSION_1_2);
	assert_int_equal(tpm_shutdown(tpm, NULL), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(an_index_survives_an_orderly_stop_and_a_power_cut),
		TEST(commands_that_change_nothing_store_nothing),
		TEST(a_tpm_1_2_keeps_what_it_saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
