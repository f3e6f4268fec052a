/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a machine's firmware does with its TPM before the operating system gets it, at every start.
 */
#ifndef VTPM_CERTS_FACTORY_FIRMWARE_H
#define VTPM_CERTS_FACTORY_FIRMWARE_H

#include "tpm/exchange.h"

struct error;

/*
 * TPM 1.2: enables and activates a TPM that nobody owns, which needs another start (*RESTART), and
 * then makes an endorsement key if there is none. A TPM is thus as usable after TPM_OwnerClear as
 * when it was new. One that is owned stays as its owner has it. TPM 2.0: does nothing. To be called
 * after each startup.
 */
int firmware_prepare(const struct tpm_executor *executor, enum tpm_version version, bool *restart,
		     struct error *err);

/* Leaves the platform to the user of the device; a TPM 1.2 takes commands of physical presence. */
int firmware_leave_platform(const struct tpm_executor *executor, enum tpm_version version,
			    struct error *err);

/*
 * Gives the platform up until the next start: TPM 2.0: a random password that nobody knows for the
 * platform hierarchy; TPM 1.2: no physical presence any more. To be called once after each startup.
 */
int firmware_give_up_platform(const struct tpm_executor *executor, enum tpm_version version,
			      struct error *err);

#endif
