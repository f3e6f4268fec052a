/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kinds of keys that a TPM 2.0 is manufactured with, and where the TCG wants each kept: EK
 * Credential Profile for TPM 2.0, "Registry of Reserved TPM 2.0 Handles".
 */
#ifndef VTPM_CERTS_X509_KEY_TYPE_H
#define VTPM_CERTS_X509_KEY_TYPE_H

#include <stdbool.h>
#include <stdint.h>

struct error;

enum key_type {
	KEY_NONE,
	KEY_RSA_2048,
	KEY_RSA_3072,
	KEY_RSA_4096,
	KEY_P256,
	KEY_P384,
	KEY_P521,
	KEY_TYPES,
};

struct key_type_info {
	const char *name;        /* as on the command line: "rsa2048", "ecc_nist_p256" */
	const char *alias;       /* another name for it: "secp256r1" */
	uint16_t algorithm;      /* TPM2_ALG_RSA or TPM2_ALG_ECC */
	uint16_t bits;           /* of the modulus or of a coordinate */
	uint16_t curve;          /* TPM2_ECC_*, 0 for RSA */
	const char *group;       /* the curve in OpenSSL's words */
	uint16_t name_algorithm; /* also the digest of its signing scheme */
	uint16_t symmetric_bits; /* AES for what the key protects */
	bool low_range;          /* the older of TCG's two families of templates */
	uint32_t ek_handle;      /* persistent */
	uint32_t ek_certificate; /* NV index */
	uint32_t ek_nonce;       /* NV index; 0 in the high range, which has none */
	uint32_t ek_template;    /* NV index */
};

const struct key_type_info *key_type_info(enum key_type type);

/* -EINVAL and a sentence that lists the names; OPTION begins it. */
int key_type_parse(const char *option, const char *name, enum key_type *ret, struct error *err);

#endif
