/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a TPM says of its registers and signs: a TPMS_ATTEST that is a quote. Pure. TPM 2.0 Library
 * Part 2, 10.12.
 */
#ifndef VTPM_VERIFY_QUOTE_ATTEST_H
#define VTPM_VERIFY_QUOTE_ATTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "verify/quote/selection.h"

struct error;

#define ATTEST_NONCE_MOST 64

struct attest {
	const uint8_t *nonce; /* borrowed, as all pointers */
	size_t nonce_len;
	uint64_t clock; /* milliseconds that the TPM was on, since it was cleared */
	uint32_t reset_count;
	uint32_t restart_count;
	bool safe; /* the clock was never further than now */
	uint64_t firmware;
	size_t selection_count;
	struct pcr_selection selections[BANKS_MOST];
	const uint8_t *pcr_digest;
	size_t pcr_digest_len;
};

/*
 * Reads all of DATA. -EBADMSG: it is no quote that a TPM made, is cut short, has bytes left over,
 * or selects a bank that we do not know or one twice.
 */
int attest_parse(const uint8_t *data, size_t len, struct attest *ret, struct error *err);

/* Whether the quote is of register PCR of BANK. */
bool attest_covers(const struct attest *attest, const struct bank *bank, unsigned int pcr);

#endif
