/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which hash algorithms a TPM 2.0 keeps PCRs for.
 */
#ifndef VTPM_CERTS_FACTORY_PCR_BANKS_H
#define VTPM_CERTS_FACTORY_PCR_BANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct tpm_executor;

#define PCR_BANKS_MAX 8

/* Hash algorithms by their number, TPM2_ALG_*. */
struct pcr_banks {
	uint16_t algorithms[PCR_BANKS_MAX];
	size_t count;
};

bool pcr_banks_have(const struct pcr_banks *banks, uint16_t algorithm);

/* Reads "sha256,sha384". -EINVAL: an unknown name, one given twice, an empty list. */
int pcr_banks_parse(const char *list, struct pcr_banks *ret, struct error *err);

/* "sha256", or NULL for an algorithm without a name here. */
const char *pcr_bank_name(uint16_t algorithm);

/* The banks the TPM implements, or those that have PCRs now when ACTIVE. */
int pcr_banks_get(const struct tpm_executor *executor, bool active, struct pcr_banks *ret,
		  struct error *err);

/*
 * Activates exactly BANKS, and every other bank no longer, from the TPM's next start on. -ENOTSUP:
 * the TPM does not have one of them; nothing was changed.
 */
int pcr_banks_set(const struct tpm_executor *executor, const struct pcr_banks *banks,
		  struct error *err);

#endif
