/* SPDX-License-Identifier: BSD-3-Clause */
/* The host's TPM vouches for a launch. Here one TPM is the host's and the container's. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "cuse/server/vouched.h"
#include "runtime/config/vouching.h"
#include "runtime/host/host_tpm.h"
#include "tests/unit/verify_fixture.h"
#include "tpm/tcg.h"
#include "util/cleanup.h"
#include "util/file.h"
#include "verify/host.h"

#define YES VTPM_VERIFY_YES
#define REGISTERS "sha256:0,1,2,3,4,5,6,7"

static struct fixture *factory;
static struct verified *verified;
static struct host_quote_parts said;

/* The hook's side. */
struct answering {
	int fd;
	struct tpm_executor tpm;
	const char *registers;
	int r;
};

static void *answer(void *arg)
{
	struct answering *answering = arg;
	struct vouching vouching = { .wanted = true };
	struct host_quote_parts parts = { .len = 0 };
	uint8_t nonce[HOST_QUOTE_NONCE];

	answering->r = pcr_selection_parse(answering->registers, vouching.selections,
					   &vouching.count, NULL);
	if (answering->r == 0 &&
	    read_full(answering->fd, nonce, sizeof(nonce)) != (ssize_t)sizeof(nonce))
		answering->r = -EIO;
	if (answering->r == 0)
		answering->r = host_tpm_quote_by(&vouching, &answering->tpm, nonce, &parts, NULL);
	if (answering->r == 0)
		answering->r = write_all(answering->fd, parts.bytes, parts.len);
	(void)close(answering->fd);
	return NULL;
}

static void vouch(void)
{
	struct answering answering = { .tpm = verified->tpm, .registers = REGISTERS };
	pthread_t thread;
	struct error err;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	answering.fd = ends[1];
	assert_int_equal(pthread_create(&thread, NULL, answer, &answering), 0);
	if (vouched_ask(&verified->tpm, ends[0], &said, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(answering.r, 0);
	(void)close(ends[0]);
}

static struct cel_event event_of(const struct host_quote_parts *parts)
{
	return (struct cel_event){ CEL_PCR_HOST, CEL_VTPM, CEL_HOST_QUOTE, parts->bytes,
				   parts->len };
}

static void launch(void)
{
	struct cel_event event;

	verified->log_len = 0;
	verified->records = 0;
	verified_measure(verified, 12, CEL_VTPM, CEL_ORIGIN, "new");
	event = event_of(&said);
	verified_measure_event(verified, &event);
	verified_measure(verified, 12, CEL_CONTAINER, CEL_SEPARATOR, "");
	verified_measure(verified, 13, CEL_CONTAINER, CEL_SEPARATOR, "");
	verified_make_ak(verified, TPM2_ALG_ECDSA, AK_ATTRIBUTES);
	verified_answer(verified);
}

static int set_up_all(void **state)
{
	if (fixture_setup(state) < 0)
		return -1;
	factory = *state;
	verified = calloc(1, sizeof(*verified));
	verified_begin(verified, factory, KEY_P256);
	vouch();
	launch();
	return 0;
}

static int tear_down_all(void **state)
{
	verified_done(verified);
	free(verified);
	*state = factory;
	return fixture_teardown(state);
}

static void with_policy(const char *policy, enum vtpm_verify_kind kind, const char *reason)
{
	struct vtpm_verify_input input = verified_input(verified);

	input.policy = (struct vtpm_verify_bytes){ policy, strlen(policy) };
	verified_expect(&input, kind, reason);
}

/* The name of the host's key, out of the report. */
static void get_ak(char *ret, size_t size)
{
	cleanup_with(vtpm_verify_verdict_done) struct vtpm_verify_verdict verdict;
	cleanup_with(json_decrefp) json_t *report = NULL;
	struct vtpm_verify_input input = verified_input(verified);
	const char *name, *zero;

	assert_int_equal(vtpm_verify_quote(&input, &verdict), YES);
	report = json_loads(verdict.report, 0, NULL);
	assert_int_equal(json_unpack(report, "{s:{s:{s:s}, s:{s:{s:s}}, s:{s:i}}}", "host", "ak",
				     "name", &name, "pcrs", "sha256", "7", &zero, "tpm",
				     "resetCount", &(int){ 0 }),
			 0);
	assert_int_equal(strspn(zero, "0"), 64);
	(void)snprintf(ret, size, "%s", name);
}

static void a_verifier_learns_which_host_it_is_and_decides(void **state)
{
	char name[160], policy[512];
	const char *zeros = "0000000000000000000000000000000000000000000000000000000000000000";

	(void)state;
	get_ak(name, sizeof(name));
	(void)snprintf(policy, sizeof(policy), "{\"host-ak\": [\"x\", \"%s\"]}", name);
	with_policy(policy, YES, "");
	with_policy("{\"host-ak\": [\"000b00\"]}", VTPM_VERIFY_POLICY, NULL);
	(void)snprintf(policy, sizeof(policy),
		       "{\"host-ak\": [\"%s\"], \"host-pcrs\": {\"sha256\": {\"7\": \"%s\"}}}",
		       name, zeros);
	with_policy(policy, YES, "");
	strstr(policy, "\"7\"")[1] = '1';
	with_policy(policy, YES, "");
	strstr(policy, zeros)[0] = '1';
	with_policy(policy, VTPM_VERIFY_POLICY,
		    "the host's register 1 of sha256 is not what the policy wants");
	strstr(policy, "\"1\"")[1] = '8';
	with_policy(policy, VTPM_VERIFY_POLICY,
		    "the policy wants the host's register 8 of sha256, which was not quoted");
	with_policy("{\"host-pcrs\": {}}", VTPM_VERIFY_USAGE,
		    "the policy's \"host-pcrs\" says nothing without \"host-ak\"");
}

/* NAME gets that of the host's key. */
static int read_event(const struct cel_event *event, EVP_PKEY *ek, uint32_t reset_count,
		      char name[static 160], struct error *err)
{
	cleanup_free struct cel_log *log = calloc(1, sizeof(*log) + sizeof(log->records[0]));
	const struct host_guest guest = { ek, reset_count };
	struct host host;
	int r;

	log->count = 1;
	log->records[0].event = *event;
	r = host_read(log, &guest, &host, err);
	(void)snprintf(name, 160, "%s", host.ak_name);
	host_done(&host);
	return r;
}

static X509 *read_certificate(void)
{
	const uint8_t *p = verified->certificate;
	X509 *certificate = d2i_X509(NULL, &p, (long)verified->certificate_len);

	assert_non_null(certificate);
	return certificate;
}

static void each_changed_byte_is_found(void **state)
{
	cleanup_with(X509_freep) X509 *certificate = NULL;
	struct host_quote_parts forged = said;
	const struct cel_event event = event_of(&forged);
	struct attest attest;
	char name[160], other[160];
	EVP_PKEY *ek;

	(void)state;
	certificate = read_certificate();
	ek = X509_get0_pubkey(certificate);
	assert_int_equal(
		attest_parse(verified->quote.quote, verified->quote.quote_len, &attest, NULL), 0);
	assert_int_equal(read_event(&event, ek, attest.reset_count, name, NULL), 0);
	for (size_t i = 0; i < forged.len; i++) {
		forged.bytes[i] ^= (uint8_t)(1u << i % 8);
		/* The same key with other attributes is one of another name. */
		if (read_event(&event, ek, attest.reset_count, other, NULL) == 0 &&
		    strcmp(name, other) == 0)
			fail_msg("byte %zu was changed", i);
		forged.bytes[i] ^= (uint8_t)(1u << i % 8);
	}
	for (; forged.len > 0; forged.len--) {
		const struct cel_event cut = { .content = CEL_VTPM,
					       .type = CEL_HOST_QUOTE,
					       .data = forged.bytes,
					       .len = forged.len - 1 };

		assert_true(read_event(&cut, ek, attest.reset_count, other, NULL) < 0);
	}
}

static void a_quote_for_another_tpm_or_start_says_nothing(void **state)
{
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *other = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	cleanup_with(X509_freep) X509 *certificate = NULL;
	const struct cel_event event = event_of(&said);
	struct error err;
	char name[160];

	(void)state;
	certificate = read_certificate();
	assert_true(read_event(&event, other, 0, name, &err) < 0);
	assert_string_equal(err.text,
			    "the host's quote: it is for the TPM of another EK certificate");
	assert_true(read_event(&event, X509_get0_pubkey(certificate), 77, name, &err) < 0);
	assert_string_equal(err.text,
			    "the host's quote: it is for another start of the TPM, or the "
			    "attestation key is not in the endorsement hierarchy");
}

/* An old event in the log of a later start: who has the host's root for once cannot keep it. */
static void the_event_of_an_earlier_start_is_refused(void **state)
{
	struct vtpm_verify_input input;

	(void)state;
	verified_reset(verified);
	launch();
	input = verified_input(verified);
	verified_expect(&input, VTPM_VERIFY_HOST,
			"the host's quote: it is for another start of the TPM, or the attestation "
			"key is not in the endorsement hierarchy");
	verified_reset(verified);
	vouch();
	launch();
	input = verified_input(verified);
	verified_expect(&input, YES, "");
}

static void nobody_vouches_where_nobody_answers(void **state)
{
	struct error err;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(shutdown(ends[1], SHUT_WR), 0);
	assert_int_equal(vouched_ask(&verified->tpm, ends[0], &said, &err), -EIO);
	assert_string_equal(err.text, "the host's TPM does not vouch for it");
	(void)close(ends[0]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, &ends[0]), 0);
	assert_int_equal(write_all(ends[1], "x", 1), 0);
	assert_int_equal(shutdown(ends[1], SHUT_WR), 0);
	assert_int_equal(vouched_ask(&verified->tpm, ends[0], &said, &err), -EIO);
	assert_string_equal(err.text, "what the host's TPM vouches by is malformed");
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_verifier_learns_which_host_it_is_and_decides),
		cmocka_unit_test(each_changed_byte_is_found),
		cmocka_unit_test(a_quote_for_another_tpm_or_start_says_nothing),
		cmocka_unit_test(the_event_of_an_earlier_start_is_refused),
		cmocka_unit_test(nobody_vouches_where_nobody_answers),
	};

	return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
