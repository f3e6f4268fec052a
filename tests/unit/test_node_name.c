/* SPDX-License-Identifier: BSD-3-Clause */
/* cuse/device/node.c: which names a device may have. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "cuse/device/node.h"
#include "util/error.h"

static void good_names_pass(void **state)
{
	char longest[NODE_NAME_MAX + 1];

	(void)state;
	memset(longest, 'x', NODE_NAME_MAX);
	longest[NODE_NAME_MAX] = '\0';
	assert_int_equal(node_check_name("tpm0", NULL), 0);
	assert_int_equal(node_check_name("tpm-1a2b3c-web.1_x", NULL), 0);
	assert_int_equal(node_check_name("0", NULL), 0);
	assert_int_equal(node_check_name(longest, NULL), 0);
}

static void bad_names_do_not(void **state)
{
	static const char *const names[] = { "",    ".",      "..",    ".a",    "-a",
					     "a/b", "../tpm", "tpm 0", "tpm\n", "t\xc3\xa4" };
	char longer[NODE_NAME_MAX + 2];
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(node_check_name(names[i], NULL), -EINVAL);
	memset(longer, 'x', NODE_NAME_MAX + 1);
	longer[NODE_NAME_MAX + 1] = '\0';
	assert_int_equal(node_check_name(longer, NULL), -EINVAL);
	assert_int_equal(node_check_name("a/b", &err), -EINVAL);
	assert_string_equal(err.text, "name 'a/b' is not 1 to 200 of [A-Za-z0-9._-] not starting "
				      "with . or -");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_names_pass),
		cmocka_unit_test(bad_names_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
