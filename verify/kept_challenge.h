/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a verifier keeps of a challenge until it is answered, as JSON. Pure.
 */
#ifndef VTPM_VERIFY_KEPT_CHALLENGE_H
#define VTPM_VERIFY_KEPT_CHALLENGE_H

#include <stddef.h>
#include <stdint.h>

#include "verify/quote/attestation_key.h"

struct error;

#define NONCE_SIZE 32
#define KEPT_MOST 768

struct kept_challenge {
	char ek[65];                    /* SHA-256 of the certificate, in hex digits */
	char ak[2 * TPM_NAME_MOST + 1]; /* the key's name, in hex digits */
	uint8_t nonce[NONCE_SIZE];
	uint8_t secret[32]; /* its SHA-256: the secret itself is for the TPM alone */
	int64_t made;       /* seconds since 1970 */
};

void kept_challenge_write(const struct kept_challenge *kept, char text[static KEPT_MOST]);

/* -EINVAL: it is none. */
int kept_challenge_parse(const char *text, size_t len, struct kept_challenge *ret,
			 struct error *err);

#endif
