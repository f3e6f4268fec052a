/* SPDX-License-Identifier: BSD-3-Clause */
/* verify/verify.c with a TPM: what it quotes is believed, and what others make of that is not. */
#include "tests/unit/unit.h"

#include <string.h>
#include <time.h>

#include <jansson.h>

#include "tests/unit/verify_fixture.h"
#include "tpm/tcg.h"
#include "util/cleanup.h"

#define YES VTPM_VERIFY_YES

/* One TPM for all tests that change nothing in it, measured, challenged and quoted. */
static struct fixture *factory;
static struct verified *verified;

static int set_up_all(void **state)
{
	if (fixture_setup(state) < 0)
		return -1;
	factory = *state;
	verified = calloc(1, sizeof(*verified));
	verified_begin(verified, factory, KEY_P256);
	verified_make_ak(verified, TPM2_ALG_ECDSA, AK_ATTRIBUTES);
	verified_launch(verified);
	verified_answer(verified);
	return 0;
}

static int tear_down_all(void **state)
{
	verified_done(verified);
	free(verified);
	*state = factory;
	return fixture_teardown(state);
}

static struct vtpm_verify_bytes text_of(const char *text)
{
	return (struct vtpm_verify_bytes){ text, strlen(text) };
}

static void a_quote_whose_log_leads_to_it_is_believed(void **state)
{
	struct vtpm_verify_input input = verified_input(verified);

	(void)state;
	verified_expect(&input, YES, "");
	input.pcrs.data = NULL;
	verified_expect(&input, YES, "");
	input = verified_input(verified);
	input.log.data = NULL;
	verified_expect(&input, YES, "");
	input.pcrs.data = NULL;
	verified_expect(&input, VTPM_VERIFY_USAGE,
			"there is neither an event log nor the registers' values");
}

static void the_report_says_what_was_proved(void **state)
{
	struct vtpm_verify_input input = verified_input(verified);
	cleanup_with(vtpm_verify_verdict_done) struct vtpm_verify_verdict verdict;
	cleanup_with(json_decrefp) json_t *report = NULL;
	const char *text, *class;

	(void)state;
	assert_int_equal(vtpm_verify_quote(&input, &verdict), YES);
	report = json_loads(verdict.report, 0, NULL);
	assert_int_equal(json_unpack(report, "{s:s, s:{s:s}, s:{s:s}}", "verdict", &text, "launch",
				     "class", &class, "ek", "manufacturer", &text),
			 0);
	assert_string_equal(text, "id:49424D00");
	assert_string_equal(class, "default");
	assert_int_equal(
		json_array_size(json_object_get(json_object_get(report, "launch"), "argument")), 3);
}

/* Makes each bit of one input another one, one after the other: nothing of it is to be left. */
static void flip_each(struct vtpm_verify_bytes *bytes, struct vtpm_verify_input *input,
		      enum vtpm_verify_kind least, enum vtpm_verify_kind most)
{
	const struct vtpm_verify_bytes before = *bytes;
	cleanup_free uint8_t *copy = malloc(before.len);

	memcpy(copy, before.data, before.len);
	bytes->data = copy;
	for (size_t i = 0; i < before.len; i++) {
		cleanup_with(vtpm_verify_verdict_done) struct vtpm_verify_verdict verdict;

		copy[i] ^= (uint8_t)(1u << i % 8);
		(void)vtpm_verify_quote(input, &verdict);
		if (verdict.kind < least || verdict.kind > most)
			fail_msg("byte %zu: %d: %s", i, verdict.kind, verdict.reason);
		copy[i] ^= (uint8_t)(1u << i % 8);
	}
	*bytes = before;
}

static void each_changed_byte_is_found(void **state)
{
	struct vtpm_verify_input input = verified_input(verified);

	(void)state;
	flip_each(&input.quote, &input, VTPM_VERIFY_SIGNATURE, VTPM_VERIFY_SIGNATURE);
	flip_each(&input.signature, &input, VTPM_VERIFY_SIGNATURE, VTPM_VERIFY_SIGNATURE);
	flip_each(&input.ak, &input, VTPM_VERIFY_KEY, VTPM_VERIFY_BINDING);
	flip_each(&input.opened, &input, VTPM_VERIFY_BINDING, VTPM_VERIFY_BINDING);
	flip_each(&input.pcrs, &input, VTPM_VERIFY_PCRS, VTPM_VERIFY_PCRS);
	flip_each(&input.log, &input, VTPM_VERIFY_PCRS, VTPM_VERIFY_PCRS);
	flip_each(&input.ek, &input, VTPM_VERIFY_CERTIFICATE, VTPM_VERIFY_CERTIFICATE);
	verified_expect(&input, YES, "");
}

/* Where the record at INDEX begins. */
static size_t record_at(const uint8_t *log, size_t len, size_t index)
{
	size_t at = 0;

	for (size_t i = 0; i < index; i++) {
		struct cel_record record;
		int size = cel_record_parse(log + at, len - at, &record, NULL);

		assert_true(size > 0);
		at += (size_t)size;
	}
	return at;
}

static void a_log_that_was_cut_or_goes_on_is_refused(void **state)
{
	struct verified forged = *verified;
	struct vtpm_verify_input input = verified_input(&forged);

	(void)state;
	for (size_t records = 0; records < forged.records; records++) {
		input.log.len = record_at(forged.log, forged.log_len, records);
		verified_expect(&input, VTPM_VERIFY_PCRS, NULL);
	}
	for (input.log.len = 1; input.log.len < 40; input.log.len++)
		verified_expect(&input, VTPM_VERIFY_PCRS, NULL);
	verified_log(&forged, 13, CEL_CONTAINER, CEL_IMAGE_DIGEST, "sha256:bb");
	input.log.len = forged.log_len;
	verified_expect(&input, VTPM_VERIFY_PCRS,
			"the event log does not lead to what register 13 of sha256 is");
	input.pcrs.data = NULL;
	verified_expect(&input, VTPM_VERIFY_PCRS, "the registers are not what was quoted");
}

static void events_in_another_order_are_refused(void **state)
{
	struct verified forged = *verified;
	struct vtpm_verify_input input = verified_input(&forged);

	(void)state;
	forged.log_len = 0;
	forged.records = 0;
	verified_log(&forged, 12, CEL_VTPM, CEL_CLASS, "default");
	verified_log(&forged, 12, CEL_VTPM, CEL_ORIGIN, "new");
	verified_log(&forged, 13, CEL_CONTAINER, CEL_IMAGE_DIGEST, "sha256:aa");
	verified_log(&forged, 13, CEL_CONTAINER, CEL_ARGUMENT, "-c");
	verified_log(&forged, 13, CEL_CONTAINER, CEL_ARGUMENT, "/bin/sh");
	verified_log(&forged, 13, CEL_CONTAINER, CEL_ARGUMENT, "true");
	verified_log(&forged, 12, CEL_CONTAINER, CEL_SEPARATOR, "");
	verified_log(&forged, 13, CEL_CONTAINER, CEL_SEPARATOR, "");
	assert_int_equal(forged.log_len, verified->log_len);
	verified_expect(&input, VTPM_VERIFY_PCRS, NULL);
}

static void a_quote_of_one_register_says_nothing_of_the_log(void **state)
{
	struct verified other = *verified;
	struct vtpm_verify_input input;

	(void)state;
	verified_answer_of(&other, 1u << 12);
	input = verified_input(&other);
	verified_expect(&input, VTPM_VERIFY_PCRS,
			"the quote is not of registers 12 and 13 of one bank that is better than "
			"SHA-1");
	verified_answer_of(&other, 1u << 7 | 1u << 12 | 1u << 13);
	input = verified_input(&other);
	verified_expect(&input, YES, "");
	input.pcrs.data = NULL;
	verified_expect(&input, VTPM_VERIFY_PCRS,
			"nothing says what register 7 of sha256 is, which the quote is of");
}

static void another_nonce_is_an_old_quote(void **state)
{
	struct verified later = *verified;
	struct vtpm_verify_input input;

	(void)state;
	verified_answer(&later);
	input = verified_input(&later);
	verified_expect(&input, YES, "");
	input.quote = verified_input(verified).quote;
	input.signature = verified_input(verified).signature;
	verified_expect(&input, VTPM_VERIFY_NONCE,
			"the quote has another nonce: it may be an old one");
	input = verified_input(&later);
	input.nonce = text_of("x");
	verified_expect(&input, VTPM_VERIFY_NONCE, NULL);
}

static void without_its_own_challenge_a_key_is_not_the_tpms(void **state)
{
	struct vtpm_verify_input input = verified_input(verified);
	struct verified other = *verified;

	(void)state;
	input.opened.data = NULL;
	verified_expect(&input, VTPM_VERIFY_BINDING, "the challenge's secret: there is none");
	input = verified_input(verified);
	input.kept.data = NULL;
	verified_expect(&input, VTPM_VERIFY_USAGE,
			"there is neither a challenge nor an earlier report with a nonce");
	/* Another key of the same TPM has not opened this challenge. */
	verified_make_ak(&other, TPM2_ALG_ECDSA, AK_ATTRIBUTES | TPM2_OBJECT_NODA);
	verified_answer(&other);
	input = verified_input(&other);
	verified_expect(&input, YES, "");
	input.kept = verified_input(verified).kept;
	input.opened = verified_input(verified).opened;
	verified_expect(&input, VTPM_VERIFY_BINDING, "the challenge is of another attestation key");
}

static void a_key_that_signs_anything_is_refused(void **state)
{
	static const uint32_t wrong[] = {
		AK_ATTRIBUTES & ~(uint32_t)TPM2_OBJECT_RESTRICTED,
		AK_ATTRIBUTES & ~(uint32_t)TPM2_OBJECT_FIXEDPARENT &
			~(uint32_t)TPM2_OBJECT_FIXEDTPM,
	};
	struct verified other = *verified;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct vtpm_verify_input input;

		verified_make_ak(&other, TPM2_ALG_ECDSA, wrong[i]);
		input = verified_input(&other);
		verified_expect(&input, VTPM_VERIFY_KEY,
				i == 0 ? "the attestation key is not restricted"
				       : "the attestation key is not fixedTPM");
		(void)tpm_flush(&other.tpm, other.ak, NULL);
	}
}

static void an_earlier_report_vouches_for_the_key_and_the_clock(void **state)
{
	cleanup_with(vtpm_verify_verdict_done) struct vtpm_verify_verdict first;
	struct vtpm_verify_input input = verified_input(verified);
	struct verified later = *verified;

	(void)state;
	assert_int_equal(vtpm_verify_quote(&input, &first), YES);
	verified_answer(&later);
	input = verified_input(&later);
	input.opened.data = NULL;
	input.earlier = text_of(first.report);
	verified_expect(&input, YES, "");
	input.policy = text_of("{\"argument\": []}");
	verified_expect(&input, VTPM_VERIFY_POLICY, "the policy does not allow this argument");
}

static void the_policy_has_the_last_word(void **state)
{
	static const struct {
		const char *policy;
		enum vtpm_verify_kind kind;
		const char *reason;
	} cases[] = {
		{ "{\"image-digest\": [\"sha256:bb\", \"sha256:aa\"], \"class\": [\"default\"], "
		  "\"argument\": [\"/bin/sh\", \"-c\", \"true\"], \"max-age\": 100000}",
		  YES, "" },
		{ "{\"image-digest\": [\"sha256:bb\"]}", VTPM_VERIFY_POLICY,
		  "the policy does not allow this image-digest: sha256:aa" },
		{ "{\"host\": [\"aa\"]}", VTPM_VERIFY_POLICY,
		  "the policy wants host, which was not measured" },
		{ "{\"image\": []}", VTPM_VERIFY_USAGE,
		  "the policy has a member that is unknown: image" },
	};
	struct vtpm_verify_input input = verified_input(verified);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		input.policy = text_of(cases[i].policy);
		verified_expect(&input, cases[i].kind, cases[i].reason);
	}
	input.policy = text_of("{\"max-age\": 100000}");
	input.now += 100001;
	verified_expect(&input, VTPM_VERIFY_POLICY,
			"the policy wants an answer within 100000 seconds");
}

static void who_is_trusted_must_vouch_for_the_tpm(void **state)
{
	struct vtpm_verify_input input = verified_input(verified);

	(void)state;
	input.intermediates.data = NULL;
	verified_expect(&input, VTPM_VERIFY_CERTIFICATE,
			"the EK certificate: unable to get local issuer certificate");
	input = verified_input(verified);
	input.now = 0;
	verified_expect(&input, VTPM_VERIFY_CERTIFICATE, NULL);
	input = verified_input(verified);
	input.ek = input.roots;
	verified_expect(&input, VTPM_VERIFY_CERTIFICATE, "the EK certificate is a CA's");
	input.ek = text_of("x");
	verified_expect(&input, VTPM_VERIFY_CERTIFICATE,
			"the EK certificate: there are not 1 to 64 certificates in it");
	input = verified_input(verified);
	input.roots = input.ek;
	verified_expect(&input, VTPM_VERIFY_CERTIFICATE, NULL);
}

/* --- tests that have a TPM of their own --- */

static void every_kind_of_key_can_be_challenged_and_quotes(void **state)
{
	static const struct {
		enum key_type ek;
		uint16_t scheme;
	} kinds[] = {
		{ KEY_RSA_2048, TPM2_ALG_RSASSA }, { KEY_RSA_2048, TPM2_ALG_RSAPSS },
		{ KEY_RSA_3072, TPM2_ALG_ECDSA },  { KEY_P256, TPM2_ALG_ECDSA },
		{ KEY_P384, TPM2_ALG_ECDSA },      { KEY_P521, TPM2_ALG_ECDSA },
	};
	void *own = NULL;

	(void)state;
	tpm_stop(take_ptr(factory->tpm)); /* there is one TPM in a process */
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct verified *one = calloc(1, sizeof(*one));
		struct vtpm_verify_input input;

		assert_int_equal(fixture_setup(&own), 0);
		verified_begin(one, own, kinds[i].ek);
		verified_make_ak(one, kinds[i].scheme, AK_ATTRIBUTES);
		verified_launch(one);
		verified_answer(one);
		input = verified_input(one);
		verified_expect(&input, YES, "");
		/* What this TPM says is not believed of the other one, and the other way round. */
		input.ek = verified_input(verified).ek;
		verified_expect(&input, VTPM_VERIFY_CERTIFICATE, NULL);
		input = verified_input(verified);
		input.quote = verified_input(one).quote;
		input.signature = verified_input(one).signature;
		verified_expect(&input, VTPM_VERIFY_SIGNATURE, NULL);
		verified_done(one);
		free(one);
		(void)fixture_teardown(&own);
	}
}

static void a_tpm_that_was_reset_is_not_what_it_was(void **state)
{
	cleanup_with(vtpm_verify_verdict_done) struct vtpm_verify_verdict first;
	struct verified *one = calloc(1, sizeof(*one));
	struct vtpm_verify_input input;
	void *own = NULL;

	(void)state;
	tpm_stop(take_ptr(factory->tpm)); /* there is one TPM in a process */
	assert_int_equal(fixture_setup(&own), 0);
	verified_begin(one, own, KEY_P256);
	verified_make_ak(one, TPM2_ALG_ECDSA, AK_ATTRIBUTES);
	verified_launch(one);
	verified_answer(one);
	input = verified_input(one);
	assert_int_equal(vtpm_verify_quote(&input, &first), YES);

	verified_reset(one);
	verified_make_ak(one, TPM2_ALG_ECDSA, AK_ATTRIBUTES); /* the same, of the same seed */
	verified_answer(one);
	input = verified_input(one);
	verified_expect(&input, VTPM_VERIFY_PCRS, NULL); /* the log is that of before */
	/* Whoever extends the registers again, as the launcher has, is found by the clock. */
	one->log_len = 0;
	one->records = 0;
	verified_launch(one);
	verified_answer(one);
	input = verified_input(one);
	verified_expect(&input, YES, "");
	input.earlier = text_of(first.report);
	verified_expect(&input, VTPM_VERIFY_CLOCK, "the TPM was reset since the earlier report");
	input.policy = text_of("{\"reset\": true}");
	verified_expect(&input, YES, "");
	verified_done(one);
	free(one);
	(void)fixture_teardown(&own);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quote_whose_log_leads_to_it_is_believed),
		cmocka_unit_test(the_report_says_what_was_proved),
		cmocka_unit_test(each_changed_byte_is_found),
		cmocka_unit_test(a_log_that_was_cut_or_goes_on_is_refused),
		cmocka_unit_test(events_in_another_order_are_refused),
		cmocka_unit_test(a_quote_of_one_register_says_nothing_of_the_log),
		cmocka_unit_test(another_nonce_is_an_old_quote),
		cmocka_unit_test(without_its_own_challenge_a_key_is_not_the_tpms),
		cmocka_unit_test(a_key_that_signs_anything_is_refused),
		cmocka_unit_test(an_earlier_report_vouches_for_the_key_and_the_clock),
		cmocka_unit_test(the_policy_has_the_last_word),
		cmocka_unit_test(who_is_trusted_must_vouch_for_the_tpm),
		cmocka_unit_test(every_kind_of_key_can_be_challenged_and_quotes),
		cmocka_unit_test(a_tpm_that_was_reset_is_not_what_it_was),
	};

	return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
