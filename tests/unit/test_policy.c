/* SPDX-License-Identifier: BSD-3-Clause */
/* verify/policy/policy.c: what is a policy, and what each of its members refuses. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "util/error.h"
#include "verify/policy/policy.h"

static void what_is_no_policy_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{",
		"{\"class\": \"default\"}",
		"{\"class\": [1]}",
		"{\"class\": [], \"class\": []}",
		"{\"argument\": [{}]}",
		"{\"mount\": {}}",
		"{\"relaunch\": 1}",
		"{\"attached\": \"yes\"}",
		"{\"reset\": null}",
		"{\"max-age\": -1}",
		"{\"max-age\": 1.5}",
		"{\"pcrs\": []}",
		"{\"pcrs\": {\"md5\": {}}}",
		"{\"pcrs\": {\"sha1\": {\"24\": \"0000000000000000000000000000000000000000\"}}}",
		"{\"pcrs\": {\"sha1\": {\"0\": \"00\"}}}",
		"{\"pcrs\": {\"sha1\": {\"0\": 0}}}",
		"{\"Class\": []}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct policy *policy;

		if (policy_parse(bad[i], strlen(bad[i]), &policy, NULL) != -EINVAL)
			fail_msg("%s", bad[i]);
	}
}

static const char launch_text[] =
	"{\"class\": \"default\", \"image-digest\": \"sha256:aa\", \"config\": \"00\","
	" \"argument\": [\"sh\", \"-c\"], \"environment\": [\"A=1\"],"
	" \"mount\": [{\"destination\": \"/proc\"}]}";

/* "": it is allowed. */
static void applies(const char *text, const char *launch_of, int64_t age, const char *reason)
{
	cleanup_with(policy_freep) struct policy *policy = NULL;
	cleanup_with(json_decrefp) json_t *launch =
		launch_of != NULL ? json_loads(launch_of, 0, NULL) : NULL;
	struct pcr_values pcrs = {
		.count = 1,
		.values = { { bank_by_name("sha1"), 3, true, { 0xaa } } },
	};
	struct policy_facts facts = { .launch = launch, .pcrs = &pcrs, .age = age };
	struct error err = { "" };
	int r;

	assert_int_equal(policy_parse(text, strlen(text), &policy, &err), 0);
	r = policy_apply(policy, &facts, &err);
	assert_string_equal(err.text, reason);
	assert_int_equal(r, reason[0] == '\0' ? 0 : -EPERM);
}

static void each_member_allows_and_refuses(void **state)
{
	static const struct {
		const char *policy, *reason;
	} cases[] = {
		{ "{}", "" },
		{ "{\"class\": [\"other\", \"default\"]}", "" },
		{ "{\"class\": [\"other\"]}", "the policy does not allow this class: default" },
		{ "{\"class\": []}", "the policy does not allow this class: default" },
		{ "{\"config\": [\"00\"]}", "" },
		{ "{\"config\": [\"01\"]}", "the policy does not allow this config: 00" },
		{ "{\"engine\": [\"podman\"]}", "the policy wants engine, which was not measured" },
		{ "{\"argument\": [\"sh\", \"-c\"]}", "" },
		{ "{\"argument\": [\"-c\", \"sh\"]}", "the policy does not allow this argument" },
		{ "{\"argument\": [\"sh\"]}", "the policy does not allow this argument" },
		{ "{\"environment\": [\"A=2\"]}", "the policy does not allow this environment" },
		{ "{\"mount\": [{\"destination\": \"/proc\"}]}", "" },
		{ "{\"mount\": []}", "the policy does not allow this mount" },
		{ "{\"file\": []}", "" },
		{ "{\"file\": [{}]}", "the policy wants file, which was not measured" },
		{ "{\"pcrs\": {\"sha1\": {\"3\": \"AA00000000000000000000000000000000000000\"}}}",
		  "" },
		{ "{\"pcrs\": {\"sha1\": {\"3\": \"ab00000000000000000000000000000000000000\"}}}",
		  "register 3 of sha1 is not what the policy wants" },
		{ "{\"pcrs\": {\"sha1\": {\"4\": \"aa00000000000000000000000000000000000000\"}}}",
		  "the policy wants register 4 of sha1, which was not quoted" },
		{ "{\"max-age\": 10}", "" },
		{ "{\"max-age\": 9}", "the policy wants an answer within 9 seconds" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		applies(cases[i].policy, launch_text, 10, cases[i].reason);
}

static void without_a_challenge_nobody_knows_the_age(void **state)
{
	(void)state;
	applies("{\"max-age\": 10}", launch_text, -1,
		"the policy wants an answer within 10 seconds");
}

static void without_a_log_nothing_was_measured(void **state)
{
	(void)state;
	applies("{}", NULL, 0, "");
	applies("{\"class\": [\"default\"]}", NULL, 0,
		"the policy wants class, which was not measured");
	applies("{\"argument\": []}", NULL, 0, "the policy wants argument, which was not measured");
}

static void a_tpm_whose_launch_was_not_measured_must_be_allowed(void **state)
{
	static const char relaunch[] = "{\"relaunch\": {\"count\": 1}}";
	static const char attached[] = "{\"attached\": true}";

	(void)state;
	applies("{}", relaunch, 0, "the TPM was started again: \"relaunch\" is not allowed");
	applies("{\"attached\": true}", relaunch, 0,
		"the TPM was started again: \"relaunch\" is not allowed");
	applies("{\"relaunch\": true}", relaunch, 0, "");
	applies("{}", attached, 0,
		"the TPM came to a running container: \"attached\" is not allowed");
	applies("{\"attached\": true}", attached, 0, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_policy_is_refused),
		cmocka_unit_test(each_member_allows_and_refuses),
		cmocka_unit_test(without_a_challenge_nobody_knows_the_age),
		cmocka_unit_test(without_a_log_nothing_was_measured),
		cmocka_unit_test(a_tpm_whose_launch_was_not_measured_must_be_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
