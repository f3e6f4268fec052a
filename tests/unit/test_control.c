/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "cuse/control/control.h"
#include "util/error.h"

static void a_request_is_an_object_with_a_command(void **state)
{
	static const char line[] = "{\"command\": \"status\", \"more\": 1}";
	json_auto_t *request = NULL;

	(void)state;
	assert_int_equal(control_parse(line, strlen(line), &request, NULL), 0);
	assert_string_equal(json_string_value(json_object_get(request, "command")), "status");
}

static void anything_else_is_refused(void **state)
{
	static const char *const lines[] = {
		"",
		"status",
		"[]",
		"{}",
		"{\"command\": 1}",
		"{\"command\": \"a\"} x",
		"{\"command\": \"a\", \"command\": \"b\"}",
		"\"command\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		json_t *request = NULL;
		struct error err = { "" };

		assert_int_equal(control_parse(lines[i], strlen(lines[i]), &request, &err),
				 -EINVAL);
		assert_null(request);
		assert_true(err.text[0] != '\0');
	}
}

static void a_long_name_has_a_socket_of_its_own(void **state)
{
	struct sockaddr_un address, other;
	char name[201];

	(void)state;
	assert_int_equal(control_address("tpm0", &address, NULL), 0);
	assert_string_equal(address.sun_path, CONTROL_DIR "/tpm0.d/ctl");
	memset(name, 'x', 200);
	name[200] = '\0';
	assert_int_equal(control_address(name, &address, NULL), 0);
	assert_non_null(strstr(address.sun_path, ".d/ctl"));
	name[199] = 'y';
	assert_int_equal(control_address(name, &other, NULL), 0);
	assert_string_not_equal(address.sun_path, other.sun_path);
}

/* A path is any bytes, and a name may be cut within a character. */
static void an_error_of_any_bytes_is_an_error_member(void **state)
{
	struct error err = { "open a\xff\nb\xc3" };
	json_auto_t *json = control_error(&err);

	(void)state;
	assert_string_equal(json_string_value(json), "open a\\xff\\x0ab\\xc3");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_an_object_with_a_command),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(a_long_name_has_a_socket_of_its_own),
		cmocka_unit_test(an_error_of_any_bytes_is_an_error_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
