/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a machine's firmware does with its TPM before the operating system gets it, at every start.
 */
#ifndef VTPM_CERTS_FACTORY_FIRMWARE_H
#define VTPM_CERTS_FACTORY_FIRMWARE_H

#include "tpm/exchange.h"

struct error;

/*
 * Gives the platform up until the next start: TPM 2.0: a random password that nobody knows for the
 * platform hierarchy; TPM 1.2: no physical presence any more. To be called once after each startup.
 */
int firmware_give_up_platform(const struct tpm_executor *executor, enum tpm_version version,
			      struct error *err);

#endif
