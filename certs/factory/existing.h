/* SPDX-License-Identifier: BSD-3-Clause */
/* Compares an existing TPM with what is asked for. */
#ifndef VTPM_CERTS_FACTORY_EXISTING_H
#define VTPM_CERTS_FACTORY_EXISTING_H

#include "certs/factory/options.h"
#include "tpm/exchange.h"

/*
 * What a started TPM lacks of OPTIONS, for a log line: "certificates", "these PCR banks"; NULL when
 * it lacks neither.
 */
const char *existing_lacks(const struct manufacture_options *options,
			   const struct tpm_executor *executor);

#endif
