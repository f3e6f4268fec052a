/* SPDX-License-Identifier: BSD-3-Clause */
/* verify/verify.c and registers without a launch: nobody who has their log can make one of it. */
#include "tests/unit/unit.h"

#include <string.h>

#include "tests/unit/verify_fixture.h"
#include "tpm/tcg.h"

#define RESTART "{\"count\":2,\"reason\":\"restart\"}"
#define ALL_ALLOWED "{\"relaunch\": true, \"attached\": true}"
#define EARLIER "{\"count\":1,\"reason\":\"restart\"}"

/* Events as a log has them; a register of 0 ends them. */
struct event {
	uint8_t pcr, content, type;
	const char *text;
};

#define EVENTS_MOST 9

#define RELAUNCH(pcr, text)                       \
	{                                         \
		pcr, CEL_VTPM, CEL_RELAUNCH, text \
	}
#define ATTACHED(pcr)                           \
	{                                       \
		pcr, CEL_VTPM, CEL_ATTACHED, "" \
	}
#define SEPARATOR(pcr)                                \
	{                                             \
		pcr, CEL_CONTAINER, CEL_SEPARATOR, "" \
	}
#define CLASS                                      \
	{                                          \
		12, CEL_VTPM, CEL_CLASS, "default" \
	}
#define ARGUMENT                                           \
	{                                                  \
		13, CEL_CONTAINER, CEL_ARGUMENT, "/bin/sh" \
	}

static const struct event relaunched[EVENTS_MOST] = {
	RELAUNCH(12, RESTART),
	RELAUNCH(13, RESTART),
	SEPARATOR(12),
	SEPARATOR(13),
};

static const struct event attached[EVENTS_MOST] = {
	ATTACHED(12),
	ATTACHED(13),
	SEPARATOR(12),
	SEPARATOR(13),
};

/* What a forger would rather have said than RELAUNCHED or ATTACHED, and no launcher says. */
static const struct event malformed[][EVENTS_MOST] = {
	/* nothing, in one register or in both */
	{ RELAUNCH(13, RESTART), SEPARATOR(12), SEPARATOR(13) },
	{ RELAUNCH(12, RESTART), SEPARATOR(12), SEPARATOR(13) },
	{ ATTACHED(13), SEPARATOR(12), SEPARATOR(13) },
	{ ATTACHED(12), SEPARATOR(12), SEPARATOR(13) },
	{ SEPARATOR(12), SEPARATOR(13) },
	/* a launch in one register, or before it */
	{ CLASS, RELAUNCH(13, RESTART), SEPARATOR(12), SEPARATOR(13) },
	{ CLASS, ATTACHED(13), SEPARATOR(12), SEPARATOR(13) },
	{ CLASS, RELAUNCH(12, RESTART), ARGUMENT, RELAUNCH(13, RESTART), SEPARATOR(12),
	  SEPARATOR(13) },
	{ CLASS, ATTACHED(12), ARGUMENT, ATTACHED(13), SEPARATOR(12), SEPARATOR(13) },
	/* behind the separator, as if it came from inside, with a launch before that */
	{ SEPARATOR(12), RELAUNCH(12, RESTART), SEPARATOR(13), RELAUNCH(13, RESTART) },
	{ SEPARATOR(12), ATTACHED(12), SEPARATOR(13), ATTACHED(13) },
	{ CLASS, SEPARATOR(12), RELAUNCH(12, RESTART), ARGUMENT, SEPARATOR(13),
	  RELAUNCH(13, RESTART) },
	{ CLASS, SEPARATOR(12), ATTACHED(12), ARGUMENT, SEPARATOR(13), ATTACHED(13) },
	/* another count in one register, or both kinds */
	{ RELAUNCH(12, EARLIER), RELAUNCH(13, RESTART), SEPARATOR(12), SEPARATOR(13) },
	{ RELAUNCH(12, RESTART), RELAUNCH(13, EARLIER), SEPARATOR(12), SEPARATOR(13) },
	{ RELAUNCH(12, RESTART), ATTACHED(13), SEPARATOR(12), SEPARATOR(13) },
	/* twice */
	{ RELAUNCH(12, RESTART), RELAUNCH(12, RESTART), RELAUNCH(13, RESTART), SEPARATOR(12),
	  SEPARATOR(13) },
	{ ATTACHED(12), ATTACHED(13), ATTACHED(13), SEPARATOR(12), SEPARATOR(13) },
};

/* What a launcher would say of other starts. */
static const struct event others[][EVENTS_MOST] = {
	{ CLASS, ARGUMENT, SEPARATOR(12), SEPARATOR(13) },
	{ RELAUNCH(12, EARLIER), RELAUNCH(13, EARLIER), SEPARATOR(12), SEPARATOR(13) },
};

/* One TPM for all tests: its registers are zero at the start of each. */
static struct verified *verified;

static int set_up_all(void **state)
{
	if (fixture_setup(state) < 0)
		return -1;
	verified = calloc(1, sizeof(*verified));
	verified_begin(verified, *state, KEY_P256);
	return 0;
}

static int tear_down_all(void **state)
{
	*state = verified->factory;
	verified_done(verified);
	free(verified);
	return fixture_teardown(state);
}

static struct vtpm_verify_bytes text_of(const char *text)
{
	return (struct vtpm_verify_bytes){ text, strlen(text) };
}

/* Only logs EVENTS, in place of what is logged. */
static void write_log(struct verified *of, const struct event *events)
{
	of->log_len = 0;
	of->records = 0;
	for (; events->pcr != 0; events++)
		verified_log(of, events->pcr, events->content, events->type, events->text);
}

/* The TPM is started again, and its server measures EVENTS before anybody else. */
static void restart(const struct event *events)
{
	verified_reset(verified);
	verified->log_len = 0;
	verified->records = 0;
	for (; events->pcr != 0; events++)
		verified_measure(verified, events->pcr, events->content, events->type,
				 events->text);
	verified_make_ak(verified, TPM2_ALG_ECDSA, AK_ATTRIBUTES);
	verified_answer(verified);
}

static void expect_under(const char *policy, enum vtpm_verify_kind kind, const char *reason)
{
	struct vtpm_verify_input input = verified_input(verified);

	if (policy != NULL)
		input.policy = text_of(policy);
	verified_expect(&input, kind, reason);
}

static void only_a_policy_that_names_it_allows_a_relaunch(void **state)
{
	static const char reason[] = "the TPM was started again: \"relaunch\" is not allowed";

	(void)state;
	restart(relaunched);
	expect_under(NULL, VTPM_VERIFY_POLICY, reason);
	expect_under("{\"attached\": true}", VTPM_VERIFY_POLICY, reason);
	expect_under("{\"relaunch\": true}", VTPM_VERIFY_YES, "");
	expect_under("{\"relaunch\": true, \"class\": [\"default\"]}", VTPM_VERIFY_POLICY,
		     "the policy wants class, which was not measured");
}

static void only_a_policy_that_names_it_allows_an_attachment(void **state)
{
	static const char reason[] =
		"the TPM came to a running container: \"attached\" is not allowed";

	(void)state;
	restart(attached);
	expect_under(NULL, VTPM_VERIFY_POLICY, reason);
	expect_under("{\"relaunch\": true}", VTPM_VERIFY_POLICY, reason);
	expect_under("{\"attached\": true}", VTPM_VERIFY_YES, "");
}

/* A forger has the log in his hands, but not the registers. */
static void expect_unlike_registers(const struct event *events)
{
	struct verified copy = *verified;
	struct vtpm_verify_input input;

	write_log(&copy, events);
	input = verified_input(&copy);
	input.policy = text_of(ALL_ALLOWED);
	verified_expect(&input, VTPM_VERIFY_PCRS, NULL);
}

static void no_other_log_leads_to_such_registers(void **state)
{
	static const struct event *const starts[] = { relaunched, attached };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		restart(starts[i]);
		for (size_t j = 0; j < sizeof(malformed) / sizeof(malformed[0]); j++)
			expect_unlike_registers(malformed[j]);
		for (size_t j = 0; j < sizeof(others) / sizeof(others[0]); j++)
			expect_unlike_registers(others[j]);
		expect_unlike_registers(starts[1 - i]);
		expect_under(ALL_ALLOWED, VTPM_VERIFY_YES, "");
	}
}

static void not_even_registers_that_agree_make_such_a_log_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		restart(malformed[i]);
		expect_under(ALL_ALLOWED, VTPM_VERIFY_LAUNCH, NULL);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_policy_that_names_it_allows_a_relaunch),
		cmocka_unit_test(only_a_policy_that_names_it_allows_an_attachment),
		cmocka_unit_test(no_other_log_leads_to_such_registers),
		cmocka_unit_test(not_even_registers_that_agree_make_such_a_log_good),
	};

	return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
