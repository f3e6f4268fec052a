/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tpm/tcg.h"
#include "util/bytes.h"
#include "util/error.h"

static int put(json_t *report, const char *name, json_t *value)
{
	return json_object_set_new(report, name, value) == 0 ? 0 : -ENOMEM;
}

int report_put_ek(json_t *report, const struct identity *identity)
{
	return put(report, "ek",
		   json_pack("{s:s, s:s, s:s, s:s}", "certificate", identity->fingerprint,
			     "manufacturer", identity->subject.manufacturer, "model",
			     identity->subject.model, "version", identity->subject.version));
}

static const char *scheme_name(uint16_t scheme)
{
	if (scheme == TPM2_ALG_ECDSA)
		return "ecdsa";
	return scheme == TPM2_ALG_RSAPSS ? "rsapss" : "rsassa";
}

int report_put_ak(json_t *report, const char *name, const struct attestation_key *ak)
{
	return put(report, "ak",
		   json_pack("{s:s, s:s, s:s}", "name", name, "scheme", scheme_name(ak->scheme),
			     "hash", ak->hash->name));
}

/* Numbers of 64 bits are texts: a JSON integer of jansson's has 63. */
int report_put_quote(json_t *report, const struct attest *attest)
{
	char clock[17], firmware[17];

	(void)snprintf(clock, sizeof(clock), "%016llx", (unsigned long long)attest->clock);
	(void)snprintf(firmware, sizeof(firmware), "%016llx", (unsigned long long)attest->firmware);
	return put(report, "tpm",
		   json_pack("{s:s, s:I, s:I, s:b, s:s}", "clock", clock, "resetCount",
			     (json_int_t)attest->reset_count, "restartCount",
			     (json_int_t)attest->restart_count, "safe", (int)attest->safe,
			     "firmware", firmware));
}

static int put_pcr(json_t *pcrs, const struct pcr_value *value)
{
	char number[4], text[2 * BANK_DIGEST_MOST + 1];
	json_t *bank = json_object_get(pcrs, value->bank->name);

	if (bank == NULL) {
		bank = json_object();
		if (put(pcrs, value->bank->name, bank) < 0)
			return -ENOMEM;
	}
	(void)snprintf(number, sizeof(number), "%u", value->pcr);
	hex_encode(value->bytes, value->bank->size, text);
	return put(bank, number, json_string(text));
}

int report_put_pcrs(json_t *report, const struct pcr_values *values)
{
	json_t *pcrs = json_object();
	int r = put(report, "pcrs", pcrs);

	for (size_t i = 0; r == 0 && i < values->count; i++)
		r = put_pcr(pcrs, &values->values[i]);
	return r;
}

int report_put_host(json_t *report, const struct host *host)
{
	json_t *about = json_object();
	int r = put(report, "host", about);

	if (r == 0)
		r = report_put_ak(about, host->ak_name, &host->ak);
	if (r == 0)
		r = report_put_quote(about, &host->attest);
	return r == 0 ? report_put_pcrs(about, &host->pcrs) : r;
}

static bool copy(const char *text, char *ret, size_t size)
{
	const size_t len = strlen(text);

	if (len >= size)
		return false;
	memcpy(ret, text, len + 1);
	return true;
}

static bool is_count(json_int_t value)
{
	return value >= 0 && value <= UINT32_MAX;
}

int report_read(const char *text, size_t len, struct earlier *ret, struct error *err)
{
	cleanup_with(json_decrefp) json_t *root =
		json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	const char *verdict, *ek, *ak, *clock;
	json_int_t resets, restarts;
	uint8_t bytes[8];

	if (root == NULL ||
	    json_unpack(root, "{s:s, s:{s:s}, s:{s:s}, s:{s:s, s:I, s:I}}", "verdict", &verdict,
			"ek", "certificate", &ek, "ak", "name", &ak, "tpm", "clock", &clock,
			"resetCount", &resets, "restartCount", &restarts) < 0 ||
	    !copy(ek, ret->ek, sizeof(ret->ek)) || !copy(ak, ret->ak, sizeof(ret->ak)) ||
	    hex_decode(clock, strlen(clock), bytes, sizeof(bytes)) < 0 || !is_count(resets) ||
	    !is_count(restarts))
		return error_say(err, EINVAL, "the earlier report is none");
	if (strcmp(verdict, "yes") != 0)
		return error_say(err, EINVAL, "the earlier report does not say yes");
	ret->clock = get_be64(bytes);
	ret->reset_count = (uint32_t)resets;
	ret->restart_count = (uint32_t)restarts;
	return 0;
}
