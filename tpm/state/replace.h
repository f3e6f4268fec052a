/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Another TPM in the place of the one that is there. Its permanent state is one store; the old
 * one's other states go after it. A file says from before the store on that they will, and of
 * which generation of the permanent state they are.
 */
#ifndef VTPM_TPM_STATE_REPLACE_H
#define VTPM_TPM_STATE_REPLACE_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct state;

/* As tpm_storage has it, for a state, with the reason of a failure in last_error. */
int state_replace(void *context, const uint8_t *data, size_t len);

/* What a state_replace() that was interrupted left to do; the permanent state is there. */
int state_finish_replacing(struct state *state, struct error *err);

#endif
