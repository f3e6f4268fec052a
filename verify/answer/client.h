/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a device does for its verifier, command by command: opens a challenge and quotes. Passwords
 * are empty. What a function loads or starts it flushes, but for what it returns.
 */
#ifndef VTPM_VERIFY_ANSWER_CLIENT_H
#define VTPM_VERIFY_ANSWER_CLIENT_H

#include "tpm/exchange.h"
#include "verify/answer/saved_key.h"
#include "verify/quote/credential.h"
#include "verify/quote/pcr_values.h"

struct error;

/* Loads what was saved; *RET is for client_flush(). */
int client_load(const struct tpm_executor *tpm, const struct saved_key *saved, uint32_t *ret,
		struct error *err);
int client_flush(const struct tpm_executor *tpm, uint32_t handle, struct error *err);

/* TPM2_ActivateCredential(), by the EK's policy where the EK wants one. */
int client_activate(const struct tpm_executor *tpm, uint32_t ek, uint32_t ak,
		    const struct credential *credential, uint8_t secret[static CREDENTIAL_SECRET],
		    struct error *err);

/* What TPM2_Quote() answers. */
struct client_quote {
	uint8_t quote[TPM_COMMAND_MAX];
	size_t quote_len;
	uint8_t signature[TPM_COMMAND_MAX];
	size_t signature_len;
};

/* Of the registers of SELECTIONS, whose number is COUNT. */
int client_quote(const struct tpm_executor *tpm, uint32_t ak, const uint8_t *nonce,
		 size_t nonce_len, const struct pcr_selection *selections, size_t count,
		 struct client_quote *ret, struct error *err);

/* Reads those registers, one by one, as they are now. */
int client_read_pcrs(const struct tpm_executor *tpm, struct pcr_values *values, struct error *err);

/*
 * Reads a selection as tpm2_quote(1) has it, "sha256:12,13+sha384:12"; *COUNT is how many banks
 * there are. -EINVAL. Pure.
 */
int client_parse_selection(const char *text, struct pcr_selection ret[static BANKS_MOST],
			   size_t *count, struct error *err);

#endif
