/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inside the resource manager: one command on its way, and what is answered in the TPM's place.
 */
#ifndef VTPM_TPM_SPACE_JOB_H
#define VTPM_TPM_SPACE_JOB_H

#include "tpm/space/slots.h"

/* The resource manager's layer in the code of a response that did not come from the TPM. */
#define RESMGR_LAYER (11 << 16)

/* One command on its way. */
struct job {
	struct resmgr *resmgr;
	struct space *space; /* NULL: the exclusive node's */
	struct command_layout layout;
	const uint8_t *original; /* with the owner's handles */
	size_t len;
	uint32_t code; /* not 0 while preparing: what is answered in the TPM's place */
};

/* The answer goes into the manager's buffer. */
void resmgr_answer_code(struct resmgr *resmgr, uint32_t code, const uint8_t **response,
			size_t *len);

/*
 * A space is told its own handles, and of saved sessions those that are nobody's. True: *R is the
 * result and *RESPONSE the answer. False for an answer that a session protects.
 */
bool resmgr_answer_handles(struct job *job, const uint8_t **response, size_t *len, int *r);

/*
 * An answer that a session protects cannot be edited: the TPM is brought to have just what the
 * space may be told. Sets the job's code where that is not possible.
 */
int resmgr_prepare_listing(struct job *job);

/* Flushing what is not in the TPM, or not the asker's. True: *RESPONSE is the answer. */
bool resmgr_answer_flush(struct job *job, const uint8_t **response, size_t *len);

#endif
