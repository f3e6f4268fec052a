/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TPM's signatures: TPMT_SIGNATURE of RSASSA, RSAPSS and ECDSA, with SHA-256, SHA-384 and
 * SHA-512. TPM 2.0 Library Part 2, 11.3.
 */
#ifndef VTPM_VERIFY_QUOTE_SIGNATURE_H
#define VTPM_VERIFY_QUOTE_SIGNATURE_H

#include "certs/x509/openssl.h"
#include "verify/log/bank.h"

struct error;

struct tpm_signature {
	uint16_t scheme; /* TPM2_ALG_RSASSA, TPM2_ALG_RSAPSS or TPM2_ALG_ECDSA */
	const struct bank *hash;
	const uint8_t *r; /* borrowed; of RSA the whole signature */
	size_t r_len;
	const uint8_t *s; /* of ECDSA */
	size_t s_len;
};

/* The hash by its TPM_ALG_ID, if a signature with it is good for anything; NULL for SHA-1. */
const struct bank *signature_hash(uint16_t algorithm);

/* Reads all of DATA. Pure. -EBADMSG: it is no such signature, cut short, or has bytes left over. */
int tpm_signature_parse(const uint8_t *data, size_t len, struct tpm_signature *ret,
			struct error *err);

/* -EKEYREJECTED: KEY has not signed the LEN bytes of DATA so. */
int tpm_signature_verify(const struct tpm_signature *signature, EVP_PKEY *key, const uint8_t *data,
			 size_t len, struct error *err);

#endif
