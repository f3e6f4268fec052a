/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The parts of a certificate that only the TCG's profiles know.
 */
#ifndef VTPM_CERTS_X509_TCG_EXTENSIONS_H
#define VTPM_CERTS_X509_TCG_EXTENSIONS_H

#include <stddef.h>

#include "certs/x509/openssl.h"

struct error;
struct tpm_identity;

/* TCG OID registry. */
#define TCG_HW_TYPE_TPM2 "2.23.133.1.2"
#define TCG_AT_TPM_MANUFACTURER "2.23.133.2.1"
#define TCG_AT_TPM_MODEL "2.23.133.2.2"
#define TCG_AT_TPM_VERSION "2.23.133.2.3"
#define TCG_AT_12_PLATFORM_MANUFACTURER "2.23.133.2.4"
#define TCG_AT_12_PLATFORM_MODEL "2.23.133.2.5"
#define TCG_AT_12_PLATFORM_VERSION "2.23.133.2.6"
#define TCG_AT_TPM_SPECIFICATION "2.23.133.2.16"
#define TCG_AT_PLATFORM_MANUFACTURER "2.23.133.5.1.1"
#define TCG_AT_PLATFORM_MODEL "2.23.133.5.1.4"
#define TCG_AT_PLATFORM_VERSION "2.23.133.5.1.5"
#define TCG_KP_EK "2.23.133.8.1"
/* Verifiers look for the first in platform certificates of either form; ours is a public key's. */
#define TCG_KP_PLATFORM_ATTRIBUTE "2.23.133.8.2"
#define TCG_KP_PLATFORM_KEY "2.23.133.8.4"
#define TCG_CAP_VERIFIED_RESIDENCY "2.23.133.11.1.1"
#define TCG_CAP_VERIFIED_FIXED "2.23.133.11.1.2"
#define TCG_CAP_VERIFIED_RESTRICTED "2.23.133.11.1.3"

struct tcg_name_attribute {
	const char *oid;
	const char *value;
};

/* Alternative name, not critical: one directoryName of COUNT attributes, each a set of its own. */
int tcg_add_directory_name(X509 *certificate, const struct tcg_name_attribute *attributes,
			   size_t count, struct error *err);

/*
 * Alternative name, not critical: hardwareModuleName (RFC 4108) of a TPM 2.0, whose serial number
 * is "manufacturer:authority key id:serial" of the EK's certificate.
 */
int tcg_add_hardware_name(X509 *certificate, const char *manufacturer, X509 *ek_certificate,
			  struct error *err);

/* Subject directory attributes: the specification the TPM follows. */
int tcg_add_specification(X509 *certificate, const struct tpm_identity *tpm, struct error *err);

/* Certificate policies, not critical: OIDS ends with NULL. */
int tcg_add_policies(X509 *certificate, const char *const *oids, struct error *err);

/* Extended key usage: OIDS ends with NULL. */
int tcg_add_purposes(X509 *certificate, const char *const *oids, struct error *err);

#endif
