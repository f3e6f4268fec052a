/* SPDX-License-Identifier: BSD-3-Clause */
/* A resource manager in front of a real TPM 2.0, with two users; NULL is the exclusive one. */
#ifndef VTPM_TESTS_UNIT_RESMGR_FIXTURE_H
#define VTPM_TESTS_UNIT_RESMGR_FIXTURE_H

#include "tests/common/commands.h"
#include "tpm/space/resmgr.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

#define RESMGR_LAYER (11 << 16)

extern struct resmgr *resmgr;
extern struct space *alice, *bob;
extern const uint8_t *response; /* the last one */
extern size_t response_len;

/* How many commands of a kind reached the TPM. */
extern unsigned int loads, saves, flushes;

int start(void **state);
int stop(void **state);

int run(struct space *space, struct tpm_command *command, uint32_t *code);
int run_handle(struct space *space, uint32_t cc, uint32_t handle, uint32_t *code);

/* These return the TPM's code; the manager itself must not fail. */
uint32_t code_of(struct space *space, struct tpm_command *command);
uint32_t with_handle(struct space *space, uint32_t cc, uint32_t handle);

/* These must succeed, and return the handle as the space sees it. */
uint32_t make_key(struct space *space);
uint32_t start_session(struct space *space, uint8_t type);

/* TPM2_GetCapability(TPM_CAP_HANDLES): how many, and the first of them. */
uint32_t list(struct space *space, uint32_t first, uint32_t most, uint32_t *handle);

/* What the TPM itself has, asked behind the manager's back. */
uint32_t in_tpm(uint32_t first);

/* CONTEXT has room for TPM_COMMAND_MAX bytes. */
size_t save_context(struct space *space, uint32_t handle, uint8_t *context);
uint32_t load_context(struct space *space, const uint8_t *context, size_t len);

#endif
