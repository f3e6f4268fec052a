/* SPDX-License-Identifier: BSD-3-Clause */
/* Converts public keys from the TPM's structures (TPMT_PUBLIC, TPM_PUBKEY) to OpenSSL's. */
#ifndef VTPM_CERTS_X509_PUBLIC_H
#define VTPM_CERTS_X509_PUBLIC_H

#include <stddef.h>
#include <stdint.h>

#include "certs/x509/openssl.h"

struct error;

/* An RSA key or a point on a curve; the pointers borrow what was parsed. */
struct tpm_public {
	uint16_t algorithm; /* TPM2_ALG_RSA or TPM2_ALG_ECC */
	uint16_t name_algorithm;
	uint32_t attributes;
	uint16_t scheme;      /* TPM2_ALG_NULL: any */
	uint16_t scheme_hash; /* 0 without a scheme */
	uint16_t bits;        /* of an RSA modulus */
	uint32_t exponent;
	uint16_t curve;
	const uint8_t *unique; /* the modulus, or x */
	size_t unique_len;
	const uint8_t *y;
	size_t y_len;
};

/*
 * Reads a whole TPMT_PUBLIC of an asymmetric key. -EBADMSG: it is none, has bytes left over, or its
 * unique field does not fit its parameters.
 */
int tpm_public_parse(const uint8_t *data, size_t len, struct tpm_public *ret);

/* Makes the OpenSSL key; -EINVAL when the point is not on the curve, and the like. */
int tpm_public_to_pkey(const struct tpm_public *public, EVP_PKEY **ret, struct error *err);

#endif
