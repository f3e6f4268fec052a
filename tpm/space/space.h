/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What one open of the resource-managed node owns: transient objects under handles of its own, and
 * sessions under the TPM's. A table; the moving is done by the resource manager.
 */
#ifndef VTPM_TPM_SPACE_SPACE_H
#define VTPM_TPM_SPACE_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tpm/space/context.h"

/* The kernel's driver has 3 of each. */
#define SPACE_OBJECTS_MAX 64
#define SPACE_SESSIONS_MAX 16

/* An object or a session. */
struct space_entry {
	uint32_t virtual_handle; /* 0: the place is free; of a session: the real one */
	uint32_t handle;         /* in the TPM; 0: it is not there, but in CONTEXT */
	uint64_t last_use;
	bool pinned; /* the command that runs needs it */
	struct context context;
};

struct space {
	struct space *next; /* of all spaces of a resource manager */
	struct space_entry objects[SPACE_OBJECTS_MAX];
	struct space_entry sessions[SPACE_SESSIONS_MAX];
};

static inline uint8_t handle_type(uint32_t handle)
{
	return (uint8_t)(handle >> 24);
}

bool handle_is_session(uint32_t handle);

/* The TPM numbers its sessions once, whatever their type, and forgets the type of a saved one. */
bool handle_is_same(uint32_t a, uint32_t b);

/* By the owner's handle; NULL: it has none of that handle. */
struct space_entry *space_find(struct space *space, uint32_t virtual_handle);

/*
 * A place for what the TPM has at HANDLE: an object gets the lowest number that is free, as from a
 * TPM that the space has for itself, so that whoever lists them one by one comes to an end. NULL:
 * there is no more room.
 */
struct space_entry *space_add(struct space *space, uint32_t handle);

void space_entry_clear(struct space_entry *entry);
void space_clear(struct space *space);

/*
 * The owner's handles from FIRST on, ascending, as TPM2_GetCapability would list them: objects, or
 * sessions (by their index, which is the lower three bytes).
 */
size_t space_list(const struct space *space, uint32_t first, uint32_t *handles, size_t most);

#endif
