/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a machine's firmware does with its TPM before the operating system gets it, at every start.
 */
#ifndef VTPM_CERTS_FACTORY_FIRMWARE_H
#define VTPM_CERTS_FACTORY_FIRMWARE_H

#include "tpm/exchange.h"

struct error;

/*
 * TPM 1.2: one that nobody owns is enabled and activated, which wants another start (*RESTART), and
 * then gets an endorsement key if it has none. So a TPM is as usable after TPM_OwnerClear as when
 * it was new. One that is owned stays as its owner has it. TPM 2.0: nothing. After each startup.
 */
int firmware_prepare(const struct tpm_executor *executor, enum tpm_version version, bool *restart,
		     struct error *err);

/* Leaves the platform to who uses the device; a TPM 1.2 takes commands of physical presence. */
int firmware_leave_platform(const struct tpm_executor *executor, enum tpm_version version,
			    struct error *err);

/*
 * Gives the platform up until the next start: TPM 2.0: a random password that nobody knows for the
 * platform hierarchy; TPM 1.2: no physical presence any more. To be called once after each startup.
 */
int firmware_give_up_platform(const struct tpm_executor *executor, enum tpm_version version,
			      struct error *err);

#endif
