/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The resource manager of a TPM 2.0: many users, each with a space of its own, at one TPM. It
 * behaves as Linux's drivers/char/tpm/tpm2-space.c, and is lazier: what a space has loaded stays in
 * the TPM until somebody needs the room. One thread at a time.
 */
#ifndef VTPM_TPM_SPACE_RESMGR_H
#define VTPM_TPM_SPACE_RESMGR_H

#include <stddef.h>
#include <stdint.h>

#include "tpm/space/context.h"
#include "util/cleanup.h"

struct error;
struct resmgr;
struct space;

/* Asks the TPM, which has been started up, for its commands. */
int resmgr_new(const struct tpm_executor *executor, struct resmgr **ret, struct error *err);

/* What spaces still own is forgotten, not flushed: the TPM ends as well. */
void resmgr_free(struct resmgr *resmgr);
DEFINE_CLEANUP(struct resmgr, resmgr_free);

int resmgr_open(struct resmgr *resmgr, struct space **ret);

/* Flushes all that SPACE owns. A session whose context its owner has saved itself is no longer
 * owned. */
void resmgr_close(struct resmgr *resmgr, struct space *space);

/* Moves what spaces own out of the TPM, as before a command of the exclusive node. */
int resmgr_evict_all(struct resmgr *resmgr);

/*
 * Runs a command for SPACE, or for the user of the exclusive node (NULL), who speaks to the TPM
 * itself, but sees and flushes nothing that a space owns. COMMAND's header tells its true length.
 * *RESPONSE is borrowed until the next call. -EINVAL: a handle the space has not, or a command
 * shorter than its handles; -ENOMEM: the space is full, the new object was flushed; else the
 * executor's errors.
 */
int resmgr_execute(struct resmgr *resmgr, struct space *space, const uint8_t *command, size_t len,
		   const uint8_t **response, size_t *response_len);

#endif
