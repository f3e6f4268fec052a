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

#include "certs/x509/tpm_attributes.h"
#include "certs/x509/certificate.h"

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

/* ub-common-name of RFC 5280: a longer subject is shortened and stays unique. */
#define CERTIFICATE_SUBJECT_MAX 64

/* All pointers are borrowed. */
struct certificate_request {
	enum certificate_kind kind;
	const EVP_PKEY *key; /* the public half is enough */
	bool signs;          /* what the key is for; an EK usually decrypts only */
	bool decrypts;
	const char *subject; /* names the virtual machine or container */
	const struct tpm_identity *tpm;
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

/* X509v3_KU_* bits as the profile wants them for this key. */
unsigned int certificate_key_usage(const struct certificate_request *request);

#endif
