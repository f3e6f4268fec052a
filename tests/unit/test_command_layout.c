/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "tpm/command.h"
#include "tpm/command_layout.h"
#include "tpm/tcg.h"

/* CreatePrimary: one handle, returns one; FlushContext: none by the letter; Clear: extensive. */
static const struct command_table table = {
	.attributes = { 0x12000131, 0x00000165, 0x02c00126, 0x06000137, 0x20000001 },
	.count = 5,
};

static struct tpm_command command;
static struct command_layout layout;

static int parse(void)
{
	assert_int_equal(tpm_command_end(&command), 0);
	return command_layout_parse(&table, command.bytes, command.len, &layout);
}

static void put_session(uint32_t handle, const char *nonce, uint8_t attributes, const char *auth)
{
	tpm_put_u32(&command, handle);
	tpm_put_sized(&command, nonce, strlen(nonce));
	tpm_put_u8(&command, attributes);
	tpm_put_sized(&command, auth, strlen(auth));
}

static void handles_and_sessions_are_found(void **state)
{
	(void)state;
	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_CreatePrimary);
	tpm_put_u32(&command, TPM2_RH_OWNER);
	tpm_put_u32(&command, 9 + 14);
	put_session(0x02000001, "", 1, "");
	put_session(0x03000002, "abc", 0x20, "de");
	tpm_put_u32(&command, 0);
	assert_int_equal(parse(), 0);
	assert_int_equal(layout.handle_count, 1);
	assert_int_equal(layout.session_count, 2);
	assert_int_equal(layout.sessions[0].handle, 0x02000001);
	assert_true(layout.sessions[0].continues);
	assert_int_equal(layout.sessions[1].handle, 0x03000002);
	assert_false(layout.sessions[1].continues);
	assert_false(layout.malformed);
	assert_int_equal(layout.parameters, command.len - 4);
	assert_true(layout_returns_handle(&layout));
	assert_false(layout_may_flush(&layout));
}

static void a_flush_has_a_handle(void **state)
{
	(void)state;
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_FlushContext);
	tpm_put_u32(&command, 0x80000000);
	assert_int_equal(parse(), 0);
	assert_int_equal(layout.handle_count, 1);
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_FlushContext);
	assert_int_equal(parse(), -EINVAL);
}

static void unknown_commands_are_told_from_vendor_s(void **state)
{
	(void)state;
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, 0x20000001);
	assert_int_equal(parse(), 0);
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, 0x00000001);
	assert_int_equal(parse(), -EOPNOTSUPP);
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, 0x20000131);
	assert_int_equal(parse(), -EOPNOTSUPP);
}

static void an_area_that_lies_is_malformed(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 8, 10, 100, UINT32_MAX };

	(void)state;
	for (size_t i = 1; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_Clear);
		tpm_put_u32(&command, TPM2_RH_LOCKOUT);
		tpm_put_u32(&command, sizes[i]);
		put_session(TPM2_RS_PW, "", 0, "");
		assert_int_equal(parse(), 0);
		assert_true(layout.malformed);
		assert_int_equal(layout.parameters, 0);
	}
	assert_true(layout_may_flush(&layout));
}

static void a_fourth_session_is_malformed(void **state)
{
	(void)state;
	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_Clear);
	tpm_put_u32(&command, TPM2_RH_LOCKOUT);
	tpm_put_u32(&command, 4 * 9);
	for (int i = 0; i < 4; i++)
		put_session(TPM2_RS_PW, "", 0, "");
	assert_int_equal(parse(), 0);
	assert_true(layout.malformed);
	assert_int_equal(layout.session_count, LAYOUT_SESSIONS_MAX);
}

static void every_truncation_is_refused_or_malformed(void **state)
{
	(void)state;
	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_NV_Write);
	tpm_put_u32(&command, TPM2_RH_OWNER);
	tpm_put_u32(&command, 0x01500000);
	tpm_put_empty_auth(&command);
	assert_int_equal(parse(), 0);
	for (size_t len = 0; len < command.len; len++) {
		int r = command_layout_parse(&table, command.bytes, len, &layout);

		assert_true(r == -EINVAL || (r == 0 && layout.malformed));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(handles_and_sessions_are_found),
		cmocka_unit_test(a_flush_has_a_handle),
		cmocka_unit_test(unknown_commands_are_told_from_vendor_s),
		cmocka_unit_test(an_area_that_lies_is_malformed),
		cmocka_unit_test(a_fourth_session_is_malformed),
		cmocka_unit_test(every_truncation_is_refused_or_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
