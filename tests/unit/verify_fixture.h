/* SPDX-License-Identifier: BSD-3-Clause */
/* A TPM that is measured, challenged and quoted, and what its verifier gets, for its tests. */
#ifndef VTPM_TESTS_UNIT_VERIFY_FIXTURE_H
#define VTPM_TESTS_UNIT_VERIFY_FIXTURE_H

#include "tests/unit/factory_fixture.h"
#include "tpm/transmit.h"
#include "verify/answer/client.h"
#include "verify/answer/registers.h"
#include "verify/log/log.h"
#include "verify/quote/attest.h"
#include "verify/vtpm_verify.h"

/* Of the attestation key: TPMA_OBJECT as it must be. */
#define AK_ATTRIBUTES 0x00050072

struct verified {
	struct fixture *factory;
	struct transmit *transmit;
	struct tpm_executor tpm; /* as a device's user has it */
	uint32_t ek;             /* handles */
	uint32_t ak;
	uint8_t *certificate;
	size_t certificate_len;
	char *roots, *intermediates; /* PEM */
	uint8_t ak_public[600];
	size_t ak_public_len;
	uint8_t log[8192];
	size_t log_len;
	uint64_t records;
	struct vtpm_verify_challenge challenge;
	uint8_t secret[CREDENTIAL_SECRET];
	struct client_quote quote;
	uint8_t pcrs[1024];
	size_t pcrs_len;
};

/* Manufactures a TPM with an EK of TYPE and its certificate; FACTORY is borrowed. */
void verified_begin(struct verified *ret, struct fixture *factory, enum key_type type);
void verified_done(struct verified *verified);

/* Shuts the TPM down and starts it again: its registers are zero. */
void verified_reset(struct verified *verified);

/* Makes the AK, which signs by SCHEME (RSA for RSASSA and RSAPSS). */
void verified_make_ak(struct verified *verified, uint16_t scheme, uint32_t attributes);

/* Logs an event and extends its register of SHA-256 with it. */
void verified_measure(struct verified *verified, uint8_t pcr, uint8_t content, uint8_t type,
		      const char *text);
void verified_measure_event(struct verified *verified, const struct cel_event *event);
/* Only logs it, as somebody who forges. */
void verified_log(struct verified *verified, uint8_t pcr, uint8_t content, uint8_t type,
		  const char *text);
/* A launch of "/bin/sh -c true" of an image, with a separator in each register. */
void verified_launch(struct verified *verified);

/* Makes the challenge, opens it and quotes registers 12 and 13 with its nonce. */
void verified_answer(struct verified *verified);
/* As verified_answer(), of the registers of SHA-256 that are bits in PCRS. */
void verified_answer_of(struct verified *verified, uint32_t pcrs);

/* All that the verifier has; borrowed. */
struct vtpm_verify_input verified_input(const struct verified *verified);

/* Asks for a verdict, which must be KIND; REASON may be NULL. */
void verified_expect(const struct vtpm_verify_input *input, enum vtpm_verify_kind kind,
		     const char *reason);

#endif
