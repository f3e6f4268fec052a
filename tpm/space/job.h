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

/* Whether the command asks for handles that are not the TPM's to tell: from FIRST on, MOST of them.
 */
bool resmgr_asks_for_handles(const struct job *job, uint32_t *first, size_t *most);
int resmgr_answer_handles(struct job *job, uint32_t first, size_t most, const uint8_t **response,
			  size_t *len);

/* Flushing what is not in the TPM, or not the asker's. True: *RESPONSE is the answer. */
bool resmgr_answer_flush(struct job *job, const uint8_t **response, size_t *len);

#endif
