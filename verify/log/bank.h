/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The hash algorithms that a TPM of ours has PCR banks of.
 */
#ifndef VTPM_VERIFY_LOG_BANK_H
#define VTPM_VERIFY_LOG_BANK_H

#include <stddef.h>
#include <stdint.h>

struct error;

#define BANKS_MOST 4
#define BANK_DIGEST_MOST 64
#define PCRS 24 /* registers of a bank */

struct bank {
	uint16_t alg;     /* TPM_ALG_ID */
	uint8_t size;     /* of a digest, and of a register */
	const char *name; /* "sha256" */
};

/* NULL: none that we know. */
const struct bank *bank_find(uint16_t alg);
const struct bank *bank_by_name(const char *name);

/* Writes BANK->size bytes. */
int bank_hash(const struct bank *bank, const uint8_t *data, size_t len, uint8_t *digest,
	      struct error *err);

/* What the register VALUE is after TPM2_PCR_Extend() with DIGEST; both are of the bank's size. */
int bank_extend(const struct bank *bank, uint8_t *value, const uint8_t *digest, struct error *err);

#endif
