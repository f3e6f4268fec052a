/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The certificates a TPM is manufactured with, as the TCG's profiles describe them: EK Credential
 * Profile (2.0 and 1.2), Platform Certificate Profile, Keys for Device Identity and Attestation.
 *
 * The subject is never empty, so that the alternative name, which the profile then wants not
 * critical, is left alone by verifiers (Go's) that know no directoryName in a critical one.
 */
#ifndef VTPM_CERTS_X509_TPM_CERTIFICATE_H
#define VTPM_CERTS_X509_TPM_CERTIFICATE_H

#include "certs/x509/certificate.h"
#include "tpm/command.h"

struct error;

enum certificate_kind {
	CERTIFICATE_EK,
	CERTIFICATE_PLATFORM,
	CERTIFICATE_IAK,
	CERTIFICATE_IDEVID,
	CERTIFICATE_KINDS,
};

/* "ek", "platform", "iak", "idevid". */
const char *certificate_kind_name(enum certificate_kind kind);

/* What a TPM says it is, in the words of the EK Credential Profile. */
struct tpm_attributes {
	enum tpm_version version;
	char manufacturer[16]; /* "id:49424D00": TPM_PT_MANUFACTURER in hex */
	char firmware[16];     /* "id:20191023": TPM_PT_FIRMWARE_VERSION_1 in hex */
	char family[8];        /* "2.0" */
	uint32_t level;        /* of the specification */
	uint32_t revision;
};

/* ub-common-name of RFC 5280: a longer subject is shortened and stays unique. */
#define CERTIFICATE_SUBJECT_MAX 64

/* All pointers are borrowed. */
struct certificate_request {
	enum certificate_kind kind;
	const EVP_PKEY *key; /* the public half is enough */
	bool signs;          /* what the key is for; an EK usually decrypts only */
	bool decrypts;
	const char *subject; /* names the virtual machine or container */
	const struct tpm_attributes *tpm;
	const char *tpm_model;
	const char *platform_manufacturer;
	const char *platform_model;
	const char *platform_version;
	X509 *ek_certificate; /* of the same TPM; for IAK and IDevID */
};

/* Where a verifier finds what else it needs; each may be NULL. */
struct certificate_urls {
	const char *crl;
	const char *issuer;
};

int tpm_certificate_issue(const struct certificate_request *request,
			  const struct x509_signer *signer, const struct certificate_urls *urls,
			  X509 **ret, struct error *err);

/* The key usage that the profile demands: names of RFC 5280, a comma between two. */
const char *certificate_key_usage(const struct certificate_request *request);

#endif
