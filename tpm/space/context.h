/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Objects and sessions moved out of a TPM 2.0 and back in: TPM2_ContextSave, TPM2_ContextLoad,
 * TPM2_FlushContext (Part 3, 28), and what the TPM says of itself that is needed for it.
 */
#ifndef VTPM_TPM_SPACE_CONTEXT_H
#define VTPM_TPM_SPACE_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

#include "tpm/command_layout.h"
#include "tpm/exchange.h"

/* A saved context, TPMS_CONTEXT (Part 2, 14.5); encrypted by the TPM. */
struct context {
	uint8_t *bytes; /* NULL: there is none */
	size_t len;
};
void context_done(struct context *context);

/* The TPM's contextCounter at the save, which orders the saves of sessions. */
uint64_t context_sequence(const struct context *context);

/* Whether the object changes with its use (a hash or HMAC sequence), so that the copy gets old. */
int context_is_sequence_object(const struct context *context);

/*
 * These return 0 with the TPM's code in *CODE, or a negative errno. Saving a session takes it out
 * of the TPM, saving an object does not. SAVED (its old content is given back) and HANDLE are
 * written on TPM_RC_SUCCESS only.
 */
int context_save(const struct tpm_executor *executor, uint32_t handle, struct context *saved,
		 uint32_t *code);
int context_load(const struct tpm_executor *executor, const struct context *context,
		 uint32_t *handle, uint32_t *code);
int context_flush(const struct tpm_executor *executor, uint32_t handle, uint32_t *code);

/* All commands the TPM implements. */
int context_read_commands(const struct tpm_executor *executor, struct command_table *ret);

/* One property (TPM_PT), Part 2, 6.13. */
int context_read_property(const struct tpm_executor *executor, uint32_t property, uint32_t *ret);

/* The handles the TPM has, from FIRST on and of its kind; at most MOST are written. */
int context_read_handles(const struct tpm_executor *executor, uint32_t first, uint32_t *handles,
			 size_t most, size_t *count);

#endif
