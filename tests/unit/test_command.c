/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "tpm/command.h"
#include "tpm/tcg.h"

static void a_command_has_its_header_and_fields(void **state)
{
	static const uint8_t expected[] = { 0x80, 0x01, 0x00, 0x00, 0x00, 0x0c,
					    0x00, 0x00, 0x01, 0x44, 0x00, 0x01 };
	struct tpm_command command;

	(void)state;
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_Startup);
	tpm_put_u16(&command, TPM2_SU_STATE);
	assert_int_equal(tpm_command_end(&command), 0);
	assert_int_equal(command.len, sizeof(expected));
	assert_memory_equal(command.bytes, expected, sizeof(expected));
}

static void a_command_holds_4096_bytes_and_no_more(void **state)
{
	static const uint8_t zeros[TPM_COMMAND_MAX];
	struct tpm_command command;

	(void)state;
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, 1);
	tpm_put_bytes(&command, zeros, TPM_COMMAND_MAX - TPM_HEADER_SIZE);
	assert_int_equal(tpm_command_end(&command), 0);
	tpm_put_u8(&command, 0);
	assert_int_equal(command.len, TPM_COMMAND_MAX);
	assert_int_equal(tpm_command_end(&command), -EMSGSIZE);
}

static void an_overflow_is_not_forgotten(void **state)
{
	static const uint8_t zeros[TPM_COMMAND_MAX];
	struct tpm_command command;

	(void)state;
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, 1);
	tpm_put_sized(&command, zeros, sizeof(zeros));
	tpm_put_u8(&command, 0);
	assert_int_equal(tpm_command_end(&command), -EMSGSIZE);
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, 1);
	tpm_put_sized(&command, zeros, UINT16_MAX + 1);
	assert_int_equal(tpm_command_end(&command), -EMSGSIZE);
}

static void a_header_must_tell_the_true_length(void **state)
{
	uint8_t bytes[12] = { 0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x7b };
	struct tpm_header header;

	(void)state;
	assert_int_equal(tpm_header_parse(bytes, 12, &header), 0);
	assert_int_equal(header.tag, TPM2_ST_NO_SESSIONS);
	assert_int_equal(header.code, TPM2_CC_GetRandom);
	assert_int_equal(tpm_header_parse(bytes, 11, &header), -EMSGSIZE);
	assert_int_equal(tpm_header_parse(bytes, 9, &header), -EMSGSIZE);
	bytes[5] = 13;
	assert_int_equal(tpm_header_parse(bytes, 12, &header), -EMSGSIZE);
}

static void a_reader_gives_zeros_past_the_end_and_says_so(void **state)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4, 0, 2, 9, 9, 7 };
	struct tpm_reader reader = { bytes, sizeof(bytes), false };
	const uint8_t *sized;
	size_t len;

	(void)state;
	assert_int_equal(tpm_get_u32(&reader), 0x01020304);
	sized = tpm_get_sized(&reader, &len);
	assert_ptr_equal(sized, bytes + 6);
	assert_int_equal(len, 2);
	assert_false(reader.truncated);
	assert_int_equal(tpm_get_u16(&reader), 0);
	assert_true(reader.truncated);
	assert_int_equal(tpm_get_u8(&reader), 0);
	assert_null(tpm_get_bytes(&reader, 1));
}

static void long_commands_are_known_by_version(void **state)
{
	(void)state;
	assert_true(tpm_command_is_long(TPM_VERSION_2, TPM2_CC_CreatePrimary));
	assert_false(tpm_command_is_long(TPM_VERSION_2, TPM2_CC_GetRandom));
	assert_true(tpm_command_is_long(TPM_VERSION_1_2, TPM12_ORD_TakeOwnership));
	assert_false(tpm_command_is_long(TPM_VERSION_2, TPM12_ORD_TakeOwnership));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_has_its_header_and_fields),
		cmocka_unit_test(a_command_holds_4096_bytes_and_no_more),
		cmocka_unit_test(an_overflow_is_not_forgotten),
		cmocka_unit_test(a_header_must_tell_the_true_length),
		cmocka_unit_test(a_reader_gives_zeros_past_the_end_and_says_so),
		cmocka_unit_test(long_commands_are_known_by_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
