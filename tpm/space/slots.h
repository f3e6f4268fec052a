/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inside the resource manager: which entries are in the TPM's few slots, and which session is next
 * to fall behind the TPM's context counter.
 */
#ifndef VTPM_TPM_SPACE_SLOTS_H
#define VTPM_TPM_SPACE_SLOTS_H

#include <stdbool.h>

#include "tpm/command.h"
#include "tpm/space/space.h"

/* The TPM's own limit of active sessions is 64 (TPM_PT_ACTIVE_SESSIONS_MAX). */
#define ORPHANS_MAX 64

/*
 * A session whose owner saved its context and closed, or will: it belongs to whoever loads that
 * context again. The TPM may by then want a newer one, which is kept here.
 */
struct orphan {
	uint32_t handle; /* 0: the place is free */
	struct context given;
	struct context current;
};

struct resmgr {
	struct tpm_executor executor;
	struct command_table commands;
	uint32_t object_slots, session_slots; /* as the TPM says it has */
	struct space *spaces;
	struct orphan orphans[ORPHANS_MAX];
	uint64_t uses;              /* counts commands: the clock of last_use */
	struct tpm_command command; /* with the TPM's handles */
	uint8_t response[TPM_COMMAND_MAX];
};

/* Whether the TPM's code says that the command would work with more room. */
bool slots_code_is_warning(uint32_t code);

/*
 * Moves something out of the way of a command that was answered with CODE; false: nothing can be
 * done. Entries that are pinned stay.
 */
bool slots_make_room(struct resmgr *resmgr, uint32_t code);

/*
 * Frees a slot when all that the TPM says it has are taken by us: what follows need not be tried
 * twice. Slots that somebody else takes are only found by trying.
 */
void slots_reserve(struct resmgr *resmgr, bool session);

/* Moves an entry into the TPM, making room; 0 and the TPM's code, or a negative errno. */
int slots_load(struct resmgr *resmgr, struct space_entry *entry, uint32_t *code);

/* Moves an entry out of the TPM; one that the TPM does not have any more is forgotten. */
int slots_evict(struct resmgr *resmgr, struct space_entry *entry);

/* Moves all entries of all spaces but SPACE out of the TPM. */
int slots_evict_others(struct resmgr *resmgr, const struct space *space);

/* The TPM has given HANDLE to something new: what was there before is gone. */
void slots_forget_handle(struct resmgr *resmgr, uint32_t handle);

/* A command may have flushed objects: forgets those that the TPM does not have any more. */
int slots_resync(struct resmgr *resmgr);

/* The space that owns a session; NULL: none. */
struct space *slots_session_owner(struct resmgr *resmgr, uint32_t handle);

/* The owner of a session has saved it to CONTEXT: from now on it is nobody's. */
int slots_add_orphan(struct resmgr *resmgr, uint32_t handle, const uint8_t *context, size_t len);

/* The orphan that was GIVEN away as these bytes; NULL: none. */
const struct orphan *slots_find_orphan(const struct resmgr *resmgr, const uint8_t *given,
				       size_t len);
void slots_forget_orphan(struct resmgr *resmgr, uint32_t handle);

#endif
