/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What was proved of a TPM, as JSON: made step by step, and read again as an earlier one. Pure.
 */
#ifndef VTPM_VERIFY_REPORT_H
#define VTPM_VERIFY_REPORT_H

#include <jansson.h>

#include "verify/host.h"
#include "verify/identity.h"
#include "verify/quote/attest.h"
#include "verify/quote/pcr_values.h"

struct error;

/* Each puts one member into REPORT; -ENOMEM. */
int report_put_ek(json_t *report, const struct identity *identity);
int report_put_ak(json_t *report, const char *name, const struct attestation_key *ak);
int report_put_quote(json_t *report, const struct attest *attest);
int report_put_pcrs(json_t *report, const struct pcr_values *values);
int report_put_host(json_t *report, const struct host *host);

/* What an earlier report said yes to. */
struct earlier {
	char ek[65]; /* as in struct identity */
	char ak[2 * TPM_NAME_MOST + 1];
	uint64_t clock;
	uint32_t reset_count;
	uint32_t restart_count;
};

/* -EINVAL: TEXT is no report, or one that says no. */
int report_read(const char *text, size_t len, struct earlier *ret, struct error *err);

#endif
