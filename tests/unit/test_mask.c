/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "runtime/mask.h"

static void becomes(const char *before, const char *after)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "%s", before);
	mask_devices_text(text);
	assert_string_equal(text, after);
}

static void only_lines_of_vtpms_are_taken_out(void **state)
{
	(void)state;
	becomes("", "");
	becomes("Character devices:\n  1 mem\n120 tpm-1a2b3c-web-0\n120 tpmrm-1a2b3c-web-0\n"
		"253 tpm\n254 tpmx\n\nBlock devices:\n  7 loop\n",
		"Character devices:\n  1 mem\n253 tpm\n254 tpmx\n\nBlock devices:\n  7 loop\n");
	becomes("120 tpm-x", "");
	becomes("1 a\n120 tpm-x\n2 b", "1 a\n2 b");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_lines_of_vtpms_are_taken_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
