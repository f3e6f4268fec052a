/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TPM that is there already, beside what one is asked to be.
 */
#ifndef VTPM_CERTS_FACTORY_EXISTING_H
#define VTPM_CERTS_FACTORY_EXISTING_H

#include "certs/factory/options.h"
#include "tpm/exchange.h"

/*
 * What a started TPM has not of what OPTIONS ask for, for a log line: "certificates", "these PCR
 * banks"; NULL when it has both.
 */
const char *existing_lacks(const struct manufacture_options *options,
			   const struct tpm_executor *executor);

#endif
