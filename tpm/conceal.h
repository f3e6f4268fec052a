/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Commands and responses without their secrets, for those that only watch. What is not known to be
 * harmless becomes zeros; header, handles, sizes, and the sessions of a TPM 2.0 stay. Pure.
 */
#ifndef VTPM_TPM_CONCEAL_H
#define VTPM_TPM_CONCEAL_H

#include "tpm/command.h"

/* Changes BYTES, which are LEN of a command, whatever its header says. */
void tpm_conceal_command(enum tpm_version version, uint8_t *bytes, size_t len);

/* As much of a response to a command of CODE. */
void tpm_conceal_response(enum tpm_version version, uint32_t code, uint8_t *bytes, size_t len);

#endif
