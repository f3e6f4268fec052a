/* SPDX-License-Identifier: BSD-3-Clause */
/* A verifier's last step: vtpm_verify_quote(). What is checked, and in which order. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tpm/tcg.h"
#include "util/bytes.h"
#include "util/error.h"
#include "util/printable.h"
#include "verify/host.h"
#include "verify/kept_challenge.h"
#include "verify/policy/launch.h"
#include "verify/policy/policy.h"
#include "verify/report.h"
#include "verify/vtpm_verify.h"

/* What the steps have found so far. */
struct verification {
	const struct vtpm_verify_input *input;
	json_t *report;
	struct identity identity;
	struct policy *policy;
	bool has_kept, has_earlier;
	struct kept_challenge kept;
	struct earlier earlier;
	struct attest attest;
	struct pcr_values pcrs;
	struct cel_log *log;
	json_t *launch; /* of the report */
	struct host host;
};

static void verification_done(struct verification *all)
{
	json_decref(all->report);
	identity_done(&all->identity);
	policy_free(all->policy);
	cel_log_free(all->log);
	host_done(&all->host);
}

/* --- what is the verifier's own --- */

static int read_trust(struct verification *all, struct error *err)
{
	return identity_read_trust(&all->input->roots, &all->input->intermediates, &all->identity,
				   err);
}

static int read_policy(struct verification *all, struct error *err)
{
	const struct vtpm_verify_bytes *policy = &all->input->policy;

	return policy_parse(policy->data, policy->len, &all->policy, err);
}

static int read_kept(struct verification *all, struct error *err)
{
	const struct vtpm_verify_bytes *kept = &all->input->kept;

	all->has_kept = kept->data != NULL;
	return all->has_kept ? kept_challenge_parse(kept->data, kept->len, &all->kept, err) : 0;
}

static int read_earlier(struct verification *all, struct error *err)
{
	const struct vtpm_verify_bytes *earlier = &all->input->earlier;
	int r;

	all->has_earlier = earlier->data != NULL;
	if (!all->has_earlier)
		return 0;
	r = input_check(earlier, TEXT_BYTES_MOST, "the earlier report", err);
	return r == 0 ? report_read(earlier->data, earlier->len, &all->earlier, err) : r;
}

static int check_inputs(struct verification *all, struct error *err)
{
	const struct vtpm_verify_input *input = all->input;

	if (!all->has_kept && (!all->has_earlier || input->nonce.data == NULL))
		return error_say(err, EINVAL,
				 "there is neither a challenge nor an earlier report with a nonce");
	if (input->log.data == NULL && input->pcrs.data == NULL)
		return error_say(err, EINVAL,
				 "there is neither an event log nor the registers' values");
	return 0;
}

/* --- which TPM --- */

static int check_ek(struct verification *all, struct error *err)
{
	int r = identity_read_ek(&all->input->ek, all->input->now, &all->identity, err);

	return r == 0 ? report_put_ek(all->report, &all->identity) : r;
}

static int check_ak(struct verification *all, struct error *err)
{
	int r = identity_read_ak(&all->input->ak, &all->identity, err);

	return r == 0 ? report_put_ak(all->report, all->identity.ak_name, &all->identity.ak) : r;
}

static int check_same(const struct identity *identity, const char *ek, const char *ak,
		      const char *what, struct error *err)
{
	if (strcmp(identity->fingerprint, ek) != 0)
		return error_say(err, EKEYREJECTED, "%s is of another EK certificate", what);
	if (strcmp(identity->ak_name, ak) != 0)
		return error_say(err, EKEYREJECTED, "%s is of another attestation key", what);
	return 0;
}

/* Only the TPM with both keys can open the challenge: the AK is in the TPM of the EK. */
static int check_opened(const struct verification *all, struct error *err)
{
	const struct vtpm_verify_bytes *opened = &all->input->opened;
	uint8_t digest[BANK_DIGEST_MOST];
	int r = input_check(opened, STRUCTURE_BYTES_MOST, "the challenge's secret", err);

	if (r == 0)
		r = bank_hash(bank_find(TPM2_ALG_SHA256), opened->data, opened->len, digest, err);
	if (r < 0)
		return r;
	if (memcmp(digest, all->kept.secret, sizeof(all->kept.secret)) != 0)
		return error_say(err, EKEYREJECTED, "the challenge was not opened: another secret");
	return 0;
}

static int check_binding(struct verification *all, struct error *err)
{
	int r = 0;

	if (all->has_kept) {
		r = check_same(&all->identity, all->kept.ek, all->kept.ak, "the challenge", err);
		if (r == 0 && (!all->has_earlier || all->input->opened.data != NULL))
			r = check_opened(all, err);
	}
	if (r == 0 && all->has_earlier)
		r = check_same(&all->identity, all->earlier.ek, all->earlier.ak,
			       "the earlier report", err);
	return r;
}

/* --- what it says --- */

static int check_signature(struct verification *all, struct error *err)
{
	const struct vtpm_verify_bytes *quote = &all->input->quote;
	const struct vtpm_verify_bytes *bytes = &all->input->signature;
	int r;

	r = input_check(quote, STRUCTURE_BYTES_MOST, "the quote", err);
	if (r == 0)
		r = input_check(bytes, STRUCTURE_BYTES_MOST, "the signature", err);
	return r < 0 ? r
		     : attestation_key_has_signed(&all->identity.ak, bytes->data, bytes->len,
						  quote->data, quote->len, err);
}

static bool is_nonce(const struct attest *attest, const void *data, size_t len)
{
	return attest->nonce_len == len && memcmp(attest->nonce, data, len) == 0;
}

static int check_nonce(struct verification *all, struct error *err)
{
	const struct vtpm_verify_input *input = all->input;
	int r = attest_parse(input->quote.data, input->quote.len, &all->attest, err);

	if (r < 0)
		return r;
	if ((all->has_kept && !is_nonce(&all->attest, all->kept.nonce, sizeof(all->kept.nonce))) ||
	    (input->nonce.data != NULL &&
	     !is_nonce(&all->attest, input->nonce.data, input->nonce.len)))
		return error_say(err, EBADMSG, "the quote has another nonce: it may be an old one");
	return report_put_quote(all->report, &all->attest);
}

/*
 * A reset makes the registers zero, and what was measured before it is lost. Without a reset the
 * clock goes on, unless a state was put back.
 */
static int check_clock(struct verification *all, struct error *err)
{
	const struct attest *attest = &all->attest;
	const struct earlier *earlier = &all->earlier;

	if (!all->has_earlier)
		return 0;
	if (attest->reset_count < earlier->reset_count)
		return error_say(err, EPERM, "the TPM was put back behind the earlier report");
	if (attest->reset_count > earlier->reset_count && policy_allows_reset(all->policy))
		return 0;
	if (attest->reset_count != earlier->reset_count ||
	    attest->restart_count != earlier->restart_count)
		return error_say(err, EPERM, "the TPM was reset since the earlier report");
	if (attest->clock < earlier->clock)
		return error_say(err, EPERM,
				 "the TPM's clock is behind that of the earlier report");
	return 0;
}

/* --- what was measured --- */

/* Computes the register from the log; a value that the user gives must be the same. */
static int replay_one(const struct cel_log *log, struct pcr_value *value, struct error *err)
{
	uint8_t bytes[BANK_DIGEST_MOST];
	int r;

	if (value->pcr != CEL_PCR_HOST && value->pcr != CEL_PCR_CONTAINER)
		return 0;
	r = cel_log_replay(log, value->bank, value->pcr, bytes, err);
	if (r < 0)
		return r;
	if (value->known && memcmp(bytes, value->bytes, value->bank->size) != 0)
		return error_say(err, EBADMSG,
				 "the event log does not lead to what register %u of %s is",
				 value->pcr, value->bank->name);
	memcpy(value->bytes, bytes, value->bank->size);
	value->known = true;
	return 0;
}

/* A quote without registers 12 and 13 proves nothing about the log, nor does SHA-1 alone. */
static bool covers_log(const struct attest *attest)
{
	for (size_t i = 0; i < attest->selection_count; i++) {
		const struct bank *bank = attest->selections[i].bank;

		if (bank->alg != TPM2_ALG_SHA1 && attest_covers(attest, bank, CEL_PCR_HOST) &&
		    attest_covers(attest, bank, CEL_PCR_CONTAINER))
			return true;
	}
	return false;
}

static int replay(struct verification *all, struct error *err)
{
	const struct vtpm_verify_bytes *log = &all->input->log;
	int r = cel_log_parse(log->data, log->len, &all->log, err);

	if (r == 0)
		r = cel_log_check(all->log, err);
	if (r == 0 && !covers_log(&all->attest))
		r = error_say(err, EBADMSG,
			      "the quote is not of registers 12 and 13 of one bank that is better "
			      "than SHA-1");
	for (size_t i = 0; r == 0 && i < all->pcrs.count; i++)
		r = replay_one(all->log, &all->pcrs.values[i], err);
	return r;
}

static int check_pcrs(struct verification *all, struct error *err)
{
	const struct vtpm_verify_bytes *values = &all->input->pcrs;
	const struct attest *attest = &all->attest;
	int r = 0;

	pcr_values_begin(attest->selections, attest->selection_count, &all->pcrs);
	if (values->data != NULL)
		r = pcr_values_read(&all->pcrs, values->data, values->len, err);
	if (r == 0 && all->input->log.data != NULL)
		r = replay(all, err);
	if (r == 0)
		r = pcr_values_check(&all->pcrs, all->identity.ak.hash, attest->pcr_digest,
				     attest->pcr_digest_len, err);
	return r == 0 ? report_put_pcrs(all->report, &all->pcrs) : r;
}

static int check_launch(struct verification *all, struct error *err)
{
	int r;

	if (all->log == NULL)
		return 0;
	r = launch_read(all->log, &all->launch, err);
	if (r < 0)
		return r;
	return json_object_set_new(all->report, "launch", all->launch) == 0 ? 0 : -ENOMEM;
}

static int check_host(struct verification *all, struct error *err)
{
	const struct host_guest guest = { X509_get0_pubkey(all->identity.certificate),
					  all->attest.reset_count };
	int r;

	if (all->log == NULL)
		return 0;
	r = host_read(all->log, &guest, &all->host, err);
	return r == 0 && all->host.vouches ? report_put_host(all->report, &all->host) : r;
}

static int check_policy(struct verification *all, struct error *err)
{
	const struct policy_facts facts = {
		.launch = all->launch,
		.pcrs = &all->pcrs,
		.host_ak = all->host.vouches ? all->host.ak_name : NULL,
		.host_pcrs = &all->host.pcrs,
		.age = all->has_kept ? all->input->now - all->kept.made : -1,
	};

	return policy_apply(all->policy, &facts, err);
}

static const struct step {
	enum vtpm_verify_kind kind; /* of the answer, when it is no here */
	int (*check)(struct verification *all, struct error *err);
} steps[] = {
	{ VTPM_VERIFY_USAGE, read_trust },
	{ VTPM_VERIFY_USAGE, read_policy },
	{ VTPM_VERIFY_USAGE, read_kept },
	{ VTPM_VERIFY_USAGE, read_earlier },
	{ VTPM_VERIFY_USAGE, check_inputs },
	{ VTPM_VERIFY_CERTIFICATE, check_ek },
	{ VTPM_VERIFY_KEY, check_ak },
	{ VTPM_VERIFY_BINDING, check_binding },
	{ VTPM_VERIFY_SIGNATURE, check_signature },
	{ VTPM_VERIFY_NONCE, check_nonce },
	{ VTPM_VERIFY_CLOCK, check_clock },
	{ VTPM_VERIFY_PCRS, check_pcrs },
	{ VTPM_VERIFY_LAUNCH, check_launch },
	{ VTPM_VERIFY_HOST, check_host },
	{ VTPM_VERIFY_POLICY, check_policy },
};

static enum vtpm_verify_kind run(struct verification *all, struct error *err)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int r = steps[i].check(all, err);

		if (r == -ENOMEM)
			return VTPM_VERIFY_FAILURE;
		if (r < 0)
			return steps[i].kind;
	}
	return VTPM_VERIFY_YES;
}

/* The reason may have an event's text in it, which is untrusted and may be cut anywhere. */
static void copy_reason(const struct error *err, char ret[static VTPM_VERIFY_TEXT])
{
	cleanup_free char *text = text_printable(err->text);

	(void)snprintf(ret, VTPM_VERIFY_TEXT, "%s", text != NULL ? text : "there is no memory");
}

/* Puts the verdict into the report, too, because the report may be given as "earlier" later. */
static char *finish(json_t *report, enum vtpm_verify_kind kind, const char *reason)
{
	bool yes = kind == VTPM_VERIFY_YES;

	if (json_object_set_new(report, "verdict", json_string(yes ? "yes" : "no")) < 0 ||
	    json_object_set_new(report, "kind", json_integer(kind)) < 0 ||
	    (!yes && json_object_set_new(report, "reason", json_string(reason)) < 0))
		return NULL;
	return json_dumps(report, JSON_INDENT(2) | JSON_SORT_KEYS);
}

enum vtpm_verify_kind vtpm_verify_quote(const struct vtpm_verify_input *input,
					struct vtpm_verify_verdict *ret)
{
	cleanup_with(verification_done) struct verification all = { .input = input };
	struct error err = { "" };

	memset(ret, 0, sizeof(*ret));
	all.report = json_object();
	ret->kind = all.report != NULL ? run(&all, &err) : VTPM_VERIFY_FAILURE;
	if (ret->kind == VTPM_VERIFY_FAILURE && err.text[0] == '\0')
		(void)error_set(&err, ENOMEM, "verify a quote");
	copy_reason(&err, ret->reason);
	ret->report = finish(all.report, ret->kind, ret->reason);
	if (ret->kind == VTPM_VERIFY_YES && ret->report == NULL)
		ret->kind = VTPM_VERIFY_FAILURE;
	return ret->kind;
}

void vtpm_verify_verdict_done(struct vtpm_verify_verdict *verdict)
{
	free(take_ptr(verdict->report));
}
