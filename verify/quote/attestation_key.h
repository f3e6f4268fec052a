/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The key that signs quotes: its public area, what it must be to say anything about a TPM, and its
 * name. TPM 2.0 Library Part 1, 16 (names) and 25 (attributes).
 */
#ifndef VTPM_VERIFY_QUOTE_ATTESTATION_KEY_H
#define VTPM_VERIFY_QUOTE_ATTESTATION_KEY_H

#include "certs/x509/openssl.h"
#include "verify/log/bank.h"

struct error;

#define TPM_NAME_MOST (2 + BANK_DIGEST_MOST)

struct attestation_key {
	EVP_PKEY *key;
	uint16_t scheme;         /* TPM2_ALG_RSASSA, TPM2_ALG_RSAPSS or TPM2_ALG_ECDSA */
	const struct bank *hash; /* of what it signs, and so of the registers in a quote */
	uint8_t name[TPM_NAME_MOST];
	size_t name_len;
};

/*
 * Computes the name of the object that PUBLIC was parsed from, and its length. -EBADMSG: the hash
 * of its name is not one that can be trusted.
 */
struct tpm_public;
int tpm_name(const struct tpm_public *public, const uint8_t *data, size_t len,
	     uint8_t ret[static TPM_NAME_MOST], size_t *ret_len, struct error *err);

/*
 * Reads a TPM2B_PUBLIC or a TPMT_PUBLIC, and all of it: -EBADMSG. -EKEYREJECTED: it is not the key
 * of one TPM alone, or signs other things than what its TPM says of itself.
 */
int attestation_key_read(const uint8_t *data, size_t len, struct attestation_key *ret,
			 struct error *err);

/* -EBADMSG: it is no signature; -EKEYREJECTED: AK has not signed DATA so, by its own scheme. */
int attestation_key_has_signed(const struct attestation_key *ak, const uint8_t *signature,
			       size_t signature_len, const uint8_t *data, size_t len,
			       struct error *err);
void attestation_key_done(struct attestation_key *key);

#endif
