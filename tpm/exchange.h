/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One command to a TPM and its answer, wherever the TPM runs.
 */
#ifndef VTPM_TPM_EXCHANGE_H
#define VTPM_TPM_EXCHANGE_H

#include "tpm/command.h"

struct error;

/*
 * Runs one command, which it does not change. *RESPONSE is borrowed until the next call and no
 * shorter than a header; the TPM's own error is in it. A negative errno: the TPM gave no response.
 */
struct tpm_executor {
	int (*execute)(void *context, const uint8_t *command, size_t len, const uint8_t **response,
		       size_t *response_len);
	void *context;
};

struct tpm_answer {
	uint32_t code;          /* the TPM's own, also when the exchange fails because of it */
	struct tpm_reader body; /* what follows the header; good until the next exchange */
};

/*
 * Ends COMMAND, sends it and checks the answer: a TPM's error is an error here. WHAT begins the
 * sentence. -EIO: the TPM answered with an error, ret->code says which; -EBADMSG: no TPM answers
 * like this. RET may be NULL.
 */
int tpm_exchange(const struct tpm_executor *executor, struct tpm_command *command, const char *what,
		 struct tpm_answer *ret, struct error *err);

/*
 * TPM2_GetCapability(): COUNT entries of CAPABILITY from PROPERTY on; what is left of the answer's
 * body begins behind the capability's number.
 */
int tpm_get_capability(const struct tpm_executor *executor, uint32_t capability, uint32_t property,
		       uint32_t count, struct tpm_answer *ret, struct error *err);

/*
 * TPM2_ReadPublic(): the public area of the object at HANDLE, borrowed until the next exchange; its
 * name, a TPM2B, begins what is left of RET's body. WHAT begins the sentence.
 */
int tpm_read_public(const struct tpm_executor *executor, uint32_t handle, const char *what,
		    struct tpm_answer *ret, const uint8_t **area, size_t *len, struct error *err);

/* TPM2_FlushContext(). */
int tpm_flush(const struct tpm_executor *executor, uint32_t handle, struct error *err);

/* The sentence for an answer that ended too early or says what it cannot say; returns -EBADMSG. */
int tpm_answer_malformed(const char *what, struct error *err);

#endif
