/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is known of each command by its code: its name, its handles, and which of its parameters
 * anybody may see. TPM 2.0 Library Part 2, 6.5.2 and Part 3; TPM 1.2 Part 2, 17 and Part 3. Pure.
 */
#ifndef VTPM_TPM_NAMES_H
#define VTPM_TPM_NAMES_H

#include "tpm/command.h"

struct tpm_command_name {
	uint32_t code;
	uint8_t handles;       /* that follow the header */
	bool returns_handle;   /* one follows the response's header */
	bool shows_parameters; /* none of them is, or may hold, a secret */
	bool shows_response;
	const char *name; /* without its TPM2_ or TPM_ORD_ */
};

/* NULL: there is no such command. */
const struct tpm_command_name *tpm_command_name(enum tpm_version version, uint32_t code);

#endif
