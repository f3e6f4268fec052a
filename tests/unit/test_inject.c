/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/inject.h"
#include "runtime/member.h"
#include "tests/unit/scratch.h"
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

static void a_config_that_is_a_symbolic_link_stays_one(void **state)
{
	cleanup_json json_t *args = json_array();
	cleanup_free uint8_t *data = NULL;
	struct stat st;
	size_t len;

	(void)state;
	(void)scratch_make();
	scratch_write(scratch_path("real.json"), "{}", 2);
	assert_int_equal(symlink("real.json", scratch_path("config.json")), 0);
	assert_int_equal(inject_hooks(scratch_path("."), "/p", args, NULL), 0);
	assert_int_equal(lstat(scratch_path("config.json"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	scratch_read(scratch_path("real.json"), &data, &len);
	assert_non_null(memmem(data, len, "createRuntime", 13));
	assert_int_equal(stat(scratch_path("real.json"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	scratch_remove();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hooks_are_added_and_the_rest_stays),
		cmocka_unit_test(hooks_that_are_none_are_refused),
		cmocka_unit_test(a_config_that_is_a_symbolic_link_stays_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
