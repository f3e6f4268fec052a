/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/config/members.h"
#include "runtime/config/rewrite.h"
#include "runtime/front/complain.h"
#include "runtime/front/edit.h"
#include "util/cleanup.h"
#include "util/error.h"

/* --- rewriting ------------------------------------------------------------------------------- */

static const char *const abc[] = { "a", "b", "c", NULL };

static void becomes(const char *before, const char *after)
{
	cleanup_json json_t *old = NULL, *value = json_integer(7);
	cleanup_free char *text = NULL;

	assert_int_equal(rewrite_read(before, abc, &old, NULL), 0);
	assert_int_equal(rewrite_member(before, abc, value, &text, NULL), 0);
	assert_string_equal(text, after);
}

static void a_member_deep_in_a_text_is_written_and_the_rest_stays(void **state)
{
	(void)state;
	becomes("{\"a\":{\"b\":{\"c\":[1,{}] , \"d\":1.50}}}",
		"{\"a\":{\"b\":{\"c\":7 , \"d\":1.50}}}");
	becomes("{\"x\":18446744073709551615,\"A\":{\"B\":{\"d\":0}}}",
		"{\"x\":18446744073709551615,\"A\":{\"B\":{\"d\":0,\n\"c\": 7\n}}}");
	becomes("{\"a\":{\"b\":{ } }}", "{\"a\":{\"b\":{\n\"c\": 7\n} }}");
	becomes("{\"a\":{ \"b\":null}}", "{\"a\":{ \"b\":{\n    \"c\": 7\n}}}");
	becomes("{\"a\":{}}", "{\"a\":{\n\"b\": {\n    \"c\": 7\n}\n}}");
}

static void what_cannot_be_found_or_kept_is_refused(void **state)
{
	static const char *const mistakes[][2] = {
		{ "[]", "not an object" },
		{ "{\"a\": 7}", "not an object" },
		{ "{\"a\": {\"b\": {}, \"B\": {}}}", "b is given twice" },
		{ "{\"\\u0061\": {\"b\": {\"c\": 1}}}", "the name of a is written with an escape" },
		{ "{\"a\": {\"\\u0062\": {}}}", "the name of b is written with an escape" },
		{ "{\"a\": {\"b\": {\"\\u0063\": 1}}}", "the name of c is written with an escape" },
		{ "{\"a\": {\"b\": {\"c\": [0.1]}}}",
		  "c has a number that is no integer and might be changed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct error err = { "" };
		json_t *value;

		assert_int_equal(rewrite_read(mistakes[i][0], abc, &value, &err), -EINVAL);
		assert_string_equal(err.text, mistakes[i][1]);
	}
}

/* --- a bundle -------------------------------------------------------------------------------- */

static json_t *edited(const char *text, const char *nonce, uint32_t minor, size_t count)
{
	cleanup_json json_t *words = json_pack("[s]", "--class=web");
	const struct device_number number = { 120, minor };
	const struct edit edit = { .program = "/sbin/vtpm-hook",
				   .words = words,
				   .nonce = nonce,
				   .numbers = &number,
				   .count = count };
	cleanup_free char *changed = NULL;
	json_t *json;

	assert_int_equal(edit_text(text, &edit, &changed, NULL), 0);
	json = json_loads(changed, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	return json;
}

static void compact(json_t *json, const char *expected)
{
	cleanup_free char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

	assert_string_equal(text, expected);
}

static json_t *rules_of(json_t *json)
{
	return json_object_get(json_object_get(json_object_get(json, "linux"), "resources"),
			       "devices");
}

#define DENY "{\"allow\":false,\"access\":\"rwm\"}"
#define RULE(number) "{\"allow\":true,\"type\":\"c\"," number ",\"access\":\"rw\"}"
#define WITH_RULES(rules) "{\"linux\":{\"resources\":{\"devices\":[" rules "]}}}"

static void hooks_rules_and_the_annotation_are_entered(void **state)
{
	cleanup_json json_t *json = edited(WITH_RULES(DENY), "abc", 7, 1);
	json_t *hooks = json_object_get(json, "hooks");
	json_t *args =
		json_object_get(json_array_get(json_object_get(hooks, "createRuntime"), 0), "args");

	(void)state;
	compact(args, "[\"vtpm-hook\",\"--class=web\",\"--lease=abc\",\"createRuntime\"]");
	assert_int_equal(json_array_size(json_object_get(hooks, "poststop")), 1);
	compact(rules_of(json), "[" DENY "," RULE("\"major\":120,\"minor\":7") "]");
	compact(json_object_get(json, "annotations"), "{\"vtpm-cuse.org/lease\":\"abc 120:7\"}");
}

static void without_numbers_there_is_no_rule(void **state)
{
	cleanup_json json_t *json = edited("{\"linux\":{}}", "abc", 0, 0);

	(void)state;
	compact(json_object_get(json, "linux"), "{}");
}

#define HOOK(program, args) "{\"path\":\"" program "\",\"args\":[" args "]}"
#define OURS(nonce) HOOK("/sbin/vtpm-hook", "\"vtpm-hook\",\"--lease=" nonce "\"")
#define OTHERS HOOK("/sbin/vtpm-hook", "\"--class=a\"") "," HOOK("/other", "\"--lease=x\"")
#define HOOKS(list) "\"hooks\":{\"createRuntime\":[" list "]}"
#define NOTE(text) "\"annotations\":{\"a\":\"b\",\"vtpm-cuse.org/lease\":\"" text "\"}"
#define NUMBER(major, minor) RULE("\"major\":" major ",\"minor\":" minor)
#define WIDE "{\"allow\":true,\"type\":\"c\",\"major\":120,\"minor\":9,\"access\":\"rwm\"}"
#define NOT_OURS NUMBER("120", "9") "," RULE("\"major\":120") "," WIDE
#define RULES(list) "\"linux\":{\"resources\":{\"devices\":[" DENY "," list "]}}"
#define EDITED(hook, note)                                   \
	"{" HOOKS(hook "," OTHERS) "," NOTE(note) "," RULES( \
		NUMBER("121", "3") "," NUMBER("120", "91") "," NOT_OURS) "}"

static void what_an_earlier_call_entered_goes_and_what_others_did_stays(void **state)
{
	cleanup_json json_t *json = edited(EDITED(OURS("old"), "old 121:3 120:91"), "new", 4, 1);
	json_t *hooks = json_object_get(json, "hooks");

	(void)state;
	assert_int_equal(json_array_size(json_object_get(hooks, "createRuntime")), 3);
	compact(json_object_get(json, "annotations"),
		"{\"a\":\"b\",\"vtpm-cuse.org/lease\":\"new 120:4\"}");
	compact(rules_of(json), "[" DENY "," NOT_OURS "," NUMBER("120", "4") "]");
}

static void a_note_that_was_not_entered_with_a_hook_chooses_nothing(void **state)
{
	cleanup_json json_t *json = edited(EDITED(OURS("old"), "older 121:3"), "new", 4, 1);
	cleanup_json json_t *none =
		edited("{" NOTE(" 120:9") "," RULES(NUMBER("120", "9")) "}", "new", 4, 1);
	json_t *rules = rules_of(json);

	(void)state;
	assert_int_equal(json_array_size(rules), 7);
	compact(json_array_get(rules, 1), NUMBER("121", "3"));
	compact(json_array_get(rules, 2), NUMBER("120", "91"));
	compact(rules_of(none), "[" DENY "," NUMBER("120", "9") "," NUMBER("120", "4") "]");
}

static void without_a_nonce_what_was_entered_only_goes(void **state)
{
	cleanup_json json_t *json = edited(EDITED(OURS("old"), "old 121:3 120:91"), NULL, 0, 0);
	cleanup_json json_t *plain = edited("{\"a\":1}", NULL, 0, 0);

	(void)state;
	assert_false(edit_is_entered(json, "/sbin/vtpm-hook"));
	compact(json_object_get(json, "hooks"), "{\"createRuntime\":[" OTHERS "]}");
	compact(json_object_get(json, "annotations"), "{\"a\":\"b\"}");
	compact(rules_of(json), "[" DENY "," NOT_OURS "]");
	compact(plain, "{\"a\":1}");
}

static void hooks_that_were_entered_are_known_by_their_program_and_mark(void **state)
{
	cleanup_json json_t *ours = json_loads("{" HOOKS(OURS("x")) "}", 0, NULL);
	cleanup_json json_t *others = json_loads("{" HOOKS(OTHERS) "}", 0, NULL);
	cleanup_json json_t *odd = json_loads("{\"hooks\":7}", 0, NULL);

	(void)state;
	assert_true(edit_is_entered(ours, "/sbin/vtpm-hook"));
	assert_false(edit_is_entered(others, "/sbin/vtpm-hook"));
	assert_false(edit_is_entered(odd, "/sbin/vtpm-hook"));
}

static void a_bundle_that_is_none_is_refused(void **state)
{
	static const char *const mistakes[][2] = {
		{ "{\"annotations\": []}", "annotations is not an object" },
		{ "{\"hooks\": {\"poststop\": 7}}", "hooks: poststop is not an array" },
		{ "{\"linux\": {\"resources\": {\"devices\": {}}}}",
		  "linux.resources.devices is not an array" },
		{ "{\"linux\": 7}", "linux.resources: not an object" },
	};
	cleanup_json json_t *words = json_array();
	const struct device_number number = { 120, 1 };
	const struct edit edit = {
		.program = "/p", .words = words, .nonce = "n", .numbers = &number, .count = 1
	};

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct error err = { "" };
		char *text = NULL;

		assert_int_equal(edit_text(mistakes[i][0], &edit, &text, &err), -EINVAL);
		assert_string_equal(err.text, mistakes[i][1]);
		assert_null(text);
	}
}

static void an_update_s_list_gets_our_rules_and_no_list_stays_none(void **state)
{
	static const struct device_number numbers[] = { { 120, 7 }, { 121, 8 } };
	cleanup_free char *with = NULL, *without = NULL, *empty = NULL;

	(void)state;
	assert_int_equal(edit_resources("{\"memory\":{}}", numbers, 2, &without, NULL), 0);
	assert_string_equal(without, "{\"memory\":{}}");
	assert_int_equal(edit_resources("{\"devices\":[]}", numbers, 2, &empty, NULL), 0);
	assert_string_equal(empty, "{\"devices\":[]}");
	assert_int_equal(edit_resources("{\"devices\":[" DENY "]}", numbers, 2, &with, NULL), 0);
	assert_non_null(strstr(with, "\"minor\": 7"));
	assert_non_null(strstr(with, "\"major\": 121"));
}

/* --- complaints ------------------------------------------------------------------------------ */

static void a_complaint_is_a_line_of_the_runtime_s_log(void **state)
{
	cleanup_free char *json = complaint("no \"class\"", true, 1700000000);
	cleanup_free char *text = complaint("no \"class\"", false, 1700000000);

	(void)state;
	assert_string_equal(json, "{\"level\":\"error\",\"msg\":\"no \\\"class\\\"\","
				  "\"time\":\"2023-11-14T22:13:20Z\"}\n");
	assert_string_equal(text, "time=\"2023-11-14T22:13:20Z\" level=error "
				  "msg=\"no \\\"class\\\"\"\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_member_deep_in_a_text_is_written_and_the_rest_stays),
		cmocka_unit_test(what_cannot_be_found_or_kept_is_refused),
		cmocka_unit_test(hooks_rules_and_the_annotation_are_entered),
		cmocka_unit_test(without_numbers_there_is_no_rule),
		cmocka_unit_test(what_an_earlier_call_entered_goes_and_what_others_did_stays),
		cmocka_unit_test(a_note_that_was_not_entered_with_a_hook_chooses_nothing),
		cmocka_unit_test(without_a_nonce_what_was_entered_only_goes),
		cmocka_unit_test(hooks_that_were_entered_are_known_by_their_program_and_mark),
		cmocka_unit_test(a_bundle_that_is_none_is_refused),
		cmocka_unit_test(an_update_s_list_gets_our_rules_and_no_list_stays_none),
		cmocka_unit_test(a_complaint_is_a_line_of_the_runtime_s_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
