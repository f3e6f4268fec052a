/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One command's way to the TPM and back, as tpm_transmit() of Linux's drivers/char/tpm has it: what
 * a client never gets to see, and which commands take long. One thread at a time.
 */
#ifndef VTPM_TPM_TRANSMIT_H
#define VTPM_TPM_TRANSMIT_H

#include "tpm/exchange.h"
#include "util/cleanup.h"

struct transmit;

struct transmit_options {
	struct tpm_executor tpm;
	enum tpm_version version;
	/* The calling thread will be away for long: another one takes over what it does besides. */
	void (*relieve)(void *context);
	/* Whether the TPM holds what could not be stored; NULL: it never does. */
	bool (*is_stalled)(void *context);
	void *context;
};

/* What a TPM in failure mode answers (Part 1, 12.2.3). */
void transmit_answer_failure(enum tpm_version version, const uint8_t **response, size_t *len);

int transmit_new(const struct transmit_options *options, struct transmit **ret);
void transmit_free(struct transmit *transmit);
DEFINE_CLEANUP(struct transmit, transmit_free);

/*
 * Its execute() sends a command again, with delays of 20, 40, ... 1280 ms, while the TPM answers
 * that it was not in the mood (TPM_RC_RETRY, YIELDED, TESTING). A TPM that gives no response is in
 * failure mode (Part 1, 12.2.3), and that is the response. -ENODATA: a command of no bytes.
 */
struct tpm_executor transmit_executor(struct transmit *transmit);

#endif
