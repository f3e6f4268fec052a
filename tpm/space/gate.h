/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one way from the device to the TPM: through the user's space where there is a resource
 * manager, straight in where there is none. One thread at a time, the one that has the TPM.
 */
#ifndef VTPM_TPM_SPACE_GATE_H
#define VTPM_TPM_SPACE_GATE_H

#include "tpm/transmit.h"
#include "util/cleanup.h"

struct error;
struct gate;
struct space;

int gate_new(const struct transmit_options *options, struct gate **ret);
void gate_free(struct gate *gate);
DEFINE_CLEANUP(struct gate, gate_free);

/* Starts the resource manager: before the first user with a space. TPM 2.0 only. */
int gate_manage(struct gate *gate, struct error *err);

/*
 * Runs a command for the user of SPACE, which is made when it is NULL, or for the exclusive user
 * (SPACE itself is NULL). COMMAND's header tells its true length. *RESPONSE is borrowed until the
 * next call. The errors are those of resmgr_execute(). Of a TPM that is stalled everybody hears
 * that it has failed, also of the command that has stalled it.
 */
int gate_execute(struct gate *gate, struct space **space, const uint8_t *command, size_t len,
		 const uint8_t **response, size_t *response_len);

/* The user of SPACE (or NULL) is gone, and what it owned as well. */
void gate_leave(struct gate *gate, struct space *space);

/* Moves what spaces own out of the TPM. */
int gate_evict_all(struct gate *gate);

#endif
