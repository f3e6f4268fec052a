/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include "tpm/codes.h"

static void assert_text_is(enum tpm_version version, uint32_t code, const char *expected)
{
	char text[TPM_CODE_TEXT_SIZE];

	tpm_code_text(version, code, text);
	assert_string_equal(text, expected);
}

static void a_code_says_what_it_is_about(void **state)
{
	(void)state;
	assert_text_is(TPM_VERSION_2, 0, "TPM_RC_SUCCESS");
	assert_text_is(TPM_VERSION_2, 0x101, "TPM_RC_FAILURE");
	assert_text_is(TPM_VERSION_2, 0x922, "TPM_RC_RETRY");
	assert_text_is(TPM_VERSION_2, 0x2c4, "TPM_RC_VALUE parameter 2");
	assert_text_is(TPM_VERSION_2, 0xfc4, "TPM_RC_VALUE parameter 15");
	assert_text_is(TPM_VERSION_2, 0x98e, "TPM_RC_AUTH_FAIL session 1");
	assert_text_is(TPM_VERSION_2, 0x18b, "TPM_RC_HANDLE handle 1");
	assert_text_is(TPM_VERSION_2, 0x084, "TPM_RC_VALUE");
	assert_text_is(TPM_VERSION_1_2, 0, "TPM_SUCCESS");
	assert_text_is(TPM_VERSION_1_2, 0x26, "TPM_INVALID_POSTINIT");
	assert_text_is(TPM_VERSION_1_2, 0x800, "TPM_RETRY");
}

static void what_has_no_name_is_a_number(void **state)
{
	(void)state;
	assert_text_is(TPM_VERSION_2, 0xffffffff, "0xffffffff");
	assert_text_is(TPM_VERSION_2, 0x10000080 | 4, "0x10000084");
	assert_text_is(TPM_VERSION_1_2, 0x84, "0x84");
}

static void kinds_tell_a_wrong_password_from_a_wrong_argument(void **state)
{
	(void)state;
	assert_int_equal(tpm_code_kind(TPM_VERSION_2, 0), TPM_CODE_SUCCESS);
	assert_int_equal(tpm_code_kind(TPM_VERSION_2, 0x98e), TPM_CODE_AUTHORIZATION);
	assert_int_equal(tpm_code_kind(TPM_VERSION_2, 0x921), TPM_CODE_AUTHORIZATION);
	assert_int_equal(tpm_code_kind(TPM_VERSION_2, 0x2c4), TPM_CODE_ARGUMENT);
	assert_int_equal(tpm_code_kind(TPM_VERSION_2, 0x143), TPM_CODE_NO_COMMAND);
	assert_int_equal(tpm_code_kind(TPM_VERSION_2, 0x14b), TPM_CODE_NV);
	assert_int_equal(tpm_code_kind(TPM_VERSION_2, 0x902), TPM_CODE_RESOURCES);
	assert_int_equal(tpm_code_kind(TPM_VERSION_2, 0x909), TPM_CODE_CANCELED);
	assert_int_equal(tpm_code_kind(TPM_VERSION_2, 0x101), TPM_CODE_FAILURE);
	assert_int_equal(tpm_code_kind(TPM_VERSION_2, 0xffff), TPM_CODE_OTHER);
	assert_int_equal(tpm_code_kind(TPM_VERSION_1_2, 1), TPM_CODE_AUTHORIZATION);
	assert_int_equal(tpm_code_kind(TPM_VERSION_1_2, 9), TPM_CODE_FAILURE);
}

static void each_kind_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < TPM_CODE_KINDS; i++)
		assert_non_null(tpm_code_kind_name((enum tpm_code_kind)i));
}

/* Whatever a TPM answers, the text has an end. */
static void all_codes_have_a_text(void **state)
{
	char text[TPM_CODE_TEXT_SIZE];

	(void)state;
	for (uint32_t code = 0; code <= 0x1000; code++) {
		for (int version = TPM_VERSION_1_2; version <= TPM_VERSION_2; version++) {
			tpm_code_text((enum tpm_version)version, code, text);
			assert_in_range(strlen(text), 3, TPM_CODE_TEXT_SIZE - 2);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_says_what_it_is_about),
		cmocka_unit_test(what_has_no_name_is_a_number),
		cmocka_unit_test(kinds_tell_a_wrong_password_from_a_wrong_argument),
		cmocka_unit_test(each_kind_has_a_name),
		cmocka_unit_test(all_codes_have_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
