/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/host.h"

#include <errno.h>
#include <string.h>

#include "certs/x509/public.h"
#include "util/bytes.h"
#include "util/error.h"
#include "verify/log/host_quote.h"
#include "verify/quote/signature.h"

struct names {
	uint8_t bytes[HOST_QUOTE_EKS_MOST * TPM_NAME_MOST + 4];
	size_t len;
};

/* *IS_GUEST becomes true if it is the key of the guest's certificate. */
static int take_ek(const struct host_quote_part *ek, const struct host_guest *guest,
		   struct names *names, bool *is_guest, struct error *err)
{
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = NULL;
	struct tpm_public public;
	size_t len;
	int r;

	if (tpm_public_parse(ek->data, ek->len, &public) < 0)
		return error_say(err, EBADMSG, "an endorsement key in it is malformed");
	r = tpm_name(&public, ek->data, ek->len, names->bytes + names->len, &len, err);
	if (r == 0)
		r = tpm_public_to_pkey(&public, &key, err);
	if (r < 0)
		return r;
	names->len += len;
	*is_guest = *is_guest || EVP_PKEY_eq(key, guest->ek) == 1;
	return 0;
}

static int make_nonce(const struct host_quote *parts, const struct host_guest *guest,
		      uint8_t nonce[static HOST_QUOTE_NONCE], struct error *err)
{
	struct names names = { .len = 0 };
	bool is_guest = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < parts->ek_count; i++)
		r = take_ek(&parts->eks[i], guest, &names, &is_guest, err);
	if (r == 0 && !is_guest)
		r = error_say(err, EBADMSG, "it is for the TPM of another EK certificate");
	return r < 0 ? r : host_quote_nonce(names.bytes, names.len, guest->reset_count, nonce, err);
}

static int check_nonce(const struct host_quote *parts, const struct host_guest *guest,
		       const struct attest *attest, struct error *err)
{
	uint8_t nonce[HOST_QUOTE_NONCE];
	int r = make_nonce(parts, guest, nonce, err);

	if (r == 0 && (attest->nonce_len != sizeof(nonce) ||
		       memcmp(attest->nonce, nonce, sizeof(nonce)) != 0))
		return error_say(err, EBADMSG,
				 "it is for another start of the TPM, or the attestation key is "
				 "not in the endorsement hierarchy");
	return r;
}

static int read_pcrs(const struct host_quote_part *values, struct host *host, struct error *err)
{
	const struct attest *attest = &host->attest;
	int r;

	pcr_values_begin(attest->selections, attest->selection_count, &host->pcrs);
	r = pcr_values_read(&host->pcrs, values->data, values->len, err);
	return r < 0 ? r
		     : pcr_values_check(&host->pcrs, host->ak.hash, attest->pcr_digest,
					attest->pcr_digest_len, err);
}

static int read_all(const struct host_quote *all, const struct host_guest *guest, struct host *host,
		    struct error *err)
{
	const struct host_quote_part *ak = &all->parts[HOST_QUOTE_AK],
				     *quote = &all->parts[HOST_QUOTE_ATTEST],
				     *signature = &all->parts[HOST_QUOTE_SIGNATURE];
	int r = attestation_key_read(ak->data, ak->len, &host->ak, err);

	if (r == 0)
		r = attestation_key_has_signed(&host->ak, signature->data, signature->len,
					       quote->data, quote->len, err);
	if (r == 0)
		r = attest_parse(quote->data, quote->len, &host->attest, err);
	if (r == 0)
		r = check_nonce(all, guest, &host->attest, err);
	if (r == 0)
		r = read_pcrs(&all->parts[HOST_QUOTE_PCRS], host, err);
	return r;
}

static const struct cel_event *find(const struct cel_log *log)
{
	for (size_t i = 0; i < log->count; i++) {
		const struct cel_event *event = &log->records[i].event;

		if (event->content == CEL_VTPM && event->type == CEL_HOST_QUOTE)
			return event;
	}
	return NULL;
}

int host_read(const struct cel_log *log, const struct host_guest *guest, struct host *ret,
	      struct error *err)
{
	const struct cel_event *event = find(log);
	struct host_quote all;
	int r;

	memset(ret, 0, sizeof(*ret));
	if (event == NULL)
		return 0;
	if (host_quote_parse(event->data, event->len, &all) < 0)
		return error_say(err, EBADMSG, "the host's quote is malformed");
	r = read_all(&all, guest, ret, err);
	if (r < 0)
		return error_prefix(err, r, "the host's quote");
	hex_encode(ret->ak.name, ret->ak.name_len, ret->ak_name);
	ret->vouches = true;
	return 0;
}

void host_done(struct host *host)
{
	attestation_key_done(&host->ak);
}
