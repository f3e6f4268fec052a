/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sessions whose owner saved their context and closed, or will: each belongs to whoever loads that
 * context again.
 */
#ifndef VTPM_TPM_SPACE_ORPHANS_H
#define VTPM_TPM_SPACE_ORPHANS_H

#include "tpm/space/context.h"

/* The TPM's own limit of active sessions is 64 (TPM_PT_ACTIVE_SESSIONS_MAX). */
#define ORPHANS_MAX 64

/* The TPM may by now want a newer context than the one that was given away; that is kept here. */
struct orphan {
	uint32_t handle; /* 0: the place is free */
	struct context given;
	struct context current;
};

struct orphans {
	struct orphan of[ORPHANS_MAX];
};

/* The owner of a session has saved it to CONTEXT: from now on it is nobody's. */
int orphans_add(struct orphans *orphans, uint32_t handle, const uint8_t *context, size_t len);

/* The orphan that was GIVEN away as these bytes; NULL: none. */
const struct orphan *orphans_find(const struct orphans *orphans, const uint8_t *given, size_t len);
void orphans_forget(struct orphans *orphans, uint32_t handle);
void orphans_clear(struct orphans *orphans);

#endif
