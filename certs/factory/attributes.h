/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a TPM says it is.
 */
#ifndef VTPM_CERTS_FACTORY_ATTRIBUTES_H
#define VTPM_CERTS_FACTORY_ATTRIBUTES_H

#include "certs/x509/tpm_certificate.h"
#include "tpm/exchange.h"

/* Asks the TPM, which must have been started up. */
int tpm_attributes_get(const struct tpm_executor *executor, enum tpm_version version,
		       struct tpm_attributes *ret, struct error *err);

#endif
