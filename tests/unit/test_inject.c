/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/inject.h"
#include "runtime/member.h"
#include "util/error.h"

static void becomes(const char *before, const char *after)
{
	cleanup_json json_t *config = json_loads(before, 0, NULL);
	cleanup_json json_t *args = json_pack("[s]", "--root=/r");
	cleanup_free char *text = NULL;

	/* The second time must change nothing. */
	assert_int_equal(inject_into(config, "/p", args, NULL), 0);
	assert_int_equal(inject_into(config, "/p", args, NULL), 0);
	text = json_dumps(config, JSON_COMPACT);
	assert_string_equal(text, after);
}

#define OURS(stage) "{\"path\":\"/p\",\"args\":[\"vtpm-hook\",\"--root=/r\",\"" stage "\"]}"

static void hooks_are_added_and_the_rest_stays(void **state)
{
	(void)state;
	becomes("{\"b\":1.5,\"a\":[null]}",
		"{\"b\":1.5,\"a\":[null],\"hooks\":{\"createRuntime\":[" OURS(
			"createRuntime") "],"
					 "\"poststop\":[" OURS("poststop") "]}}");
	becomes("{\"Hooks\":{\"poststop\":[{\"path\":\"/other\"}]}}",
		"{\"Hooks\":{\"poststop\":[{\"path\":\"/other\"}," OURS(
			"poststop") "],"
				    "\"createRuntime\":[" OURS("createRuntime") "]}}");
}

static void refused(const char *text, const char *message)
{
	cleanup_json json_t *config = json_loads(text, 0, NULL);
	cleanup_json json_t *args = json_array();
	struct error err = { "" };

	assert_int_equal(inject_into(config, "/p", args, &err), -EINVAL);
	assert_string_equal(err.text, message);
}

static void hooks_that_are_none_are_refused(void **state)
{
	(void)state;
	refused("{\"hooks\":{},\"Hooks\":{}}", "hooks is given twice");
	refused("{\"hooks\":7}", "hooks: not an object");
	refused("{\"hooks\":{\"poststop\":{}}}", "hooks: poststop is not an array");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hooks_are_added_and_the_rest_stays),
		cmocka_unit_test(hooks_that_are_none_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
