/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The attester's commands to open a challenge. All passwords are empty. Each function flushes what
 * it loads or starts, except what it returns.
 */
#ifndef VTPM_VERIFY_ANSWER_CLIENT_H
#define VTPM_VERIFY_ANSWER_CLIENT_H

#include "tpm/exchange.h"
#include "verify/answer/saved_key.h"
#include "verify/quote/credential.h"

struct error;

/* Loads what was saved; *RET is for tpm_flush(). */
int client_load(const struct tpm_executor *tpm, const struct saved_key *saved, uint32_t *ret,
		struct error *err);

/* TPM2_ActivateCredential(), by the EK's policy where the EK wants one. */
int client_activate(const struct tpm_executor *tpm, uint32_t ek, uint32_t ak,
		    const struct credential *credential, uint8_t secret[static CREDENTIAL_SECRET],
		    struct error *err);

#endif
