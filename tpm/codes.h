/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a TPM answers, for people: the names of response codes and what kind of error each is. TPM
 * 2.0 Library Part 2, 6.6; TPM 1.2 Part 2, 16. Pure.
 */
#ifndef VTPM_TPM_CODES_H
#define VTPM_TPM_CODES_H

#include "tpm/command.h"

enum tpm_code_kind {
	TPM_CODE_SUCCESS,
	TPM_CODE_AUTHORIZATION, /* a wrong password, HMAC or policy, or a lockout */
	TPM_CODE_ARGUMENT,      /* a handle, session or parameter that does not fit */
	TPM_CODE_NO_COMMAND,    /* no such command */
	TPM_CODE_NV,            /* NV memory: full, locked, out of range */
	TPM_CODE_RESOURCES,     /* no room for another object, session or context */
	TPM_CODE_CANCELED,
	TPM_CODE_FAILURE, /* the TPM is in failure mode */
	TPM_CODE_OTHER,
	TPM_CODE_KINDS,
};

/* "authorization", "no_command"... */
const char *tpm_code_kind_name(enum tpm_code_kind kind);

enum tpm_code_kind tpm_code_kind(enum tpm_version version, uint32_t code);

/* Room for the longest text. */
#define TPM_CODE_TEXT_SIZE 48

/*
 * "TPM_RC_VALUE parameter 2", "TPM_AUTHFAIL"; "0x7ff" for what has no name. The name alone is
 * without blanks.
 */
void tpm_code_text(enum tpm_version version, uint32_t code, char text[static TPM_CODE_TEXT_SIZE]);

#endif
