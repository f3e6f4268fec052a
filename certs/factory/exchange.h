/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One command to a TPM and its answer, a TPM's error being an error here.
 */
#ifndef VTPM_CERTS_FACTORY_EXCHANGE_H
#define VTPM_CERTS_FACTORY_EXCHANGE_H

#include "tpm/command.h"
#include "tpm/tpm.h"

struct error;

struct tpm_answer {
	uint8_t bytes[TPM_COMMAND_MAX];
	uint32_t code;          /* the TPM's own, also when the exchange fails because of it */
	struct tpm_reader body; /* what follows the header; borrows bytes */
};

/*
 * Ends COMMAND, sends it and checks the answer. WHAT begins the sentence. -EIO: the TPM answered
 * with an error, ret->code says which; -EBADMSG: no TPM answers like this.
 */
int tpm_exchange(const struct tpm_channel *channel, struct tpm_command *command, const char *what,
		 struct tpm_answer *ret, struct error *err);

/* The sentence for an answer that ended too early or says what it cannot say; returns -EBADMSG. */
int tpm_answer_malformed(const char *what, struct error *err);

#endif
