/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A secret that only the TPM with two keys can read: TPM2_MakeCredential() without a TPM. TPM 2.0
 * Library Part 1, 24 and annexes B.10 (RSA) and C.6 (ECC).
 */
#ifndef VTPM_VERIFY_QUOTE_CREDENTIAL_H
#define VTPM_VERIFY_QUOTE_CREDENTIAL_H

#include "certs/x509/openssl.h"

struct error;

/* The bytes of a challenge's secret: no longer than any name algorithm's digest. */
#define CREDENTIAL_SECRET 32

/* What TPM2_ActivateCredential() takes, without the sizes in front of the two. */
struct credential {
	uint8_t blob[2 + 64 + 2 + CREDENTIAL_SECRET];
	size_t blob_len;
	uint8_t encrypted[512]; /* an RSA modulus, or two coordinates with their sizes */
	size_t encrypted_len;
};

/*
 * Makes a credential for the TPM that has EK and a key of NAME. The kind of EK selects the
 * profile's template (-ENOTSUP: there is none).
 */
int credential_make(const EVP_PKEY *ek, const uint8_t *name, size_t name_len,
		    const uint8_t secret[static CREDENTIAL_SECRET], struct credential *ret,
		    struct error *err);

/* The file as tpm2-tools have it. */
#define CREDENTIAL_FILE_MOST (8 + 2 + sizeof(((struct credential *)0)->blob) + 2 + 512)

size_t credential_write(const struct credential *credential,
			uint8_t bytes[static CREDENTIAL_FILE_MOST]);

/* Reads all of DATA; -EBADMSG. Pure. */
int credential_parse(const uint8_t *data, size_t len, struct credential *ret, struct error *err);

#endif
