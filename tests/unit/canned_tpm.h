/* SPDX-License-Identifier: BSD-3-Clause */
/* A TPM that gives one answer to every command, for tests of what reads answers. */
#ifndef VTPM_TESTS_UNIT_CANNED_TPM_H
#define VTPM_TESTS_UNIT_CANNED_TPM_H

#include "tpm/exchange.h"

struct canned_tpm {
	uint8_t answer[TPM_COMMAND_MAX];
	size_t len;
	int error; /* of the transport, when not 0 */
};

static inline int canned_tpm_execute(void *context, const uint8_t *command, size_t len,
				     const uint8_t **response, size_t *response_len)
{
	const struct canned_tpm *tpm = context;

	(void)command, (void)len;
	*response = tpm->answer;
	*response_len = tpm->len;
	return tpm->error;
}

static inline struct tpm_executor canned_tpm_executor(struct canned_tpm *tpm)
{
	return (struct tpm_executor){ .execute = canned_tpm_execute, .context = tpm };
}

#endif
