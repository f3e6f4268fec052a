/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The registers that a quote is of, and what is known of their values: from the TPM's user, and
 * from the event log. Pure.
 */
#ifndef VTPM_VERIFY_QUOTE_PCR_VALUES_H
#define VTPM_VERIFY_QUOTE_PCR_VALUES_H

#include "verify/quote/selection.h"

#define PCR_VALUES_MOST (BANKS_MOST * PCRS)

struct pcr_value {
	const struct bank *bank;
	uint8_t pcr;
	bool known;
	uint8_t bytes[BANK_DIGEST_MOST];
};

/* In the order in which the quote's digest is of them. */
struct pcr_values {
	size_t count;
	struct pcr_value values[PCR_VALUES_MOST];
};

/* Begins with the registers of COUNT selections, at most one of each bank; no value is known. */
void pcr_values_begin(const struct pcr_selection *selections, size_t count, struct pcr_values *ret);

/*
 * Fills them from what tpm2_quote(1) writes, either of its formats: the values alone, or together
 * with its structures. -EBADMSG: these are not the values of just these registers.
 */
int pcr_values_read(struct pcr_values *values, const uint8_t *data, size_t len, struct error *err);

/* The values one behind the other, as a quote's digest is of them; their length. */
size_t pcr_values_join(const struct pcr_values *values,
		       uint8_t bytes[static PCR_VALUES_MOST * BANK_DIGEST_MOST]);

/* -EBADMSG: their digest by HASH is not EXPECTED, or one is not known; the sentence says which. */
int pcr_values_check(const struct pcr_values *values, const struct bank *hash,
		     const uint8_t *expected, size_t len, struct error *err);

#endif
