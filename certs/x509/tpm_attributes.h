/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a TPM says it is, in the words of the EK Credential Profile.
 */
#ifndef VTPM_CERTS_X509_TPM_ATTRIBUTES_H
#define VTPM_CERTS_X509_TPM_ATTRIBUTES_H

#include <stdint.h>

#include "tpm/command.h"

struct error;
struct tpm_executor;

struct tpm_identity {
	enum tpm_version version;
	char manufacturer[16]; /* "id:49424D00": TPM_PT_MANUFACTURER in hex */
	char firmware[16];     /* "id:20191023": TPM_PT_FIRMWARE_VERSION_1 in hex */
	char family[8];        /* "2.0" */
	uint32_t level;        /* of the specification */
	uint32_t revision;
};

/* Asks the TPM, which must have been started up. */
int tpm_identity_get(const struct tpm_executor *executor, enum tpm_version version,
		     struct tpm_identity *ret, struct error *err);

#endif
