/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inside the resource manager: which entries are in the TPM's few slots, and which session is next
 * to fall behind the TPM's context counter.
 */
#ifndef VTPM_TPM_SPACE_SLOTS_H
#define VTPM_TPM_SPACE_SLOTS_H

#include <stdbool.h>

#include "tpm/command.h"
#include "tpm/space/orphans.h"
#include "tpm/space/space.h"

struct resmgr {
	struct tpm_executor executor;
	struct command_table commands;
	uint32_t object_slots, session_slots; /* as the TPM says it has */
	struct space *spaces;
	struct space *exclusive; /* the last of them: what that node's user has, while it is away */
	struct orphans orphans;
	uint64_t uses;              /* counts commands: the clock of last_use */
	struct tpm_command command; /* with the TPM's handles */
	uint8_t response[TPM_COMMAND_MAX];
};

/* Whether the TPM's code says that the command would work with more room. */
bool slots_code_is_warning(uint32_t code);

/*
 * Moves something out of the way of a command that was answered with CODE; false: nothing can be
 * done. Entries that are pinned stay. What the exclusive node's user has left in the TPM goes
 * first: nobody misses it before that node's next command.
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

/* Moves what the exclusive node's user has left in the TPM back to where it was. */
int slots_restore_exclusive(struct resmgr *resmgr);

/*
 * Leaves in the TPM what SPACE owns of a kind and nothing else of that kind, objects under their
 * owner's numbers if these have no holes. SPACE owns no more of them than the TPM has slots.
 */
int slots_show(struct resmgr *resmgr, struct space *space, bool session);

/* The TPM has given HANDLE to something new: what was there before is gone. */
void slots_forget_handle(struct resmgr *resmgr, uint32_t handle);

/* A command may have flushed objects: forgets those that the TPM does not have any more. */
int slots_resync(struct resmgr *resmgr);

/* The space that owns a session; NULL: none. */
struct space *slots_session_owner(struct resmgr *resmgr, uint32_t handle);

#endif
