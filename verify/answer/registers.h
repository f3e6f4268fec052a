/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads and quotes a TPM's registers; the key's password is empty. Needs no OpenSSL. */
#ifndef VTPM_VERIFY_ANSWER_REGISTERS_H
#define VTPM_VERIFY_ANSWER_REGISTERS_H

#include "tpm/exchange.h"
#include "verify/quote/pcr_values.h"

struct error;

/* What TPM2_Quote() answers. */
struct client_quote {
	uint8_t quote[TPM_COMMAND_MAX];
	size_t quote_len;
	uint8_t signature[TPM_COMMAND_MAX];
	size_t signature_len;
};

/* Quotes the registers of COUNT SELECTIONS. */
int client_quote(const struct tpm_executor *tpm, uint32_t ak, const uint8_t *nonce,
		 size_t nonce_len, const struct pcr_selection *selections, size_t count,
		 struct client_quote *ret, struct error *err);

/* Reads those registers, one by one, as they are now. */
int client_read_pcrs(const struct tpm_executor *tpm, struct pcr_values *values, struct error *err);

#endif
