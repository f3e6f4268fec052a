/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/space/space.h"

#include <stdlib.h>

#include "tpm/tcg.h"

#define FIRST_VIRTUAL_HANDLE 0x80000000
#define HANDLE_INDEX 0x00ffffff

bool handle_is_session(uint32_t handle)
{
	return handle_type(handle) == TPM2_HT_HMAC_SESSION ||
	       handle_type(handle) == TPM2_HT_POLICY_SESSION;
}

bool handle_is_same(uint32_t a, uint32_t b)
{
	if (handle_is_session(a) && handle_is_session(b))
		return (a & HANDLE_INDEX) == (b & HANDLE_INDEX);
	return a == b;
}

static struct space_entry *entries_for(struct space *space, uint32_t handle, size_t *count)
{
	if (handle_is_session(handle)) {
		*count = SPACE_SESSIONS_MAX;
		return space->sessions;
	}
	*count = handle_type(handle) == TPM2_HT_TRANSIENT ? SPACE_OBJECTS_MAX : 0;
	return space->objects;
}

struct space_entry *space_find(struct space *space, uint32_t virtual_handle)
{
	size_t count;
	struct space_entry *entries = entries_for(space, virtual_handle, &count);

	for (size_t i = 0; i < count; i++) {
		if (entries[i].virtual_handle != 0 &&
		    handle_is_same(entries[i].virtual_handle, virtual_handle))
			return &entries[i];
	}
	return NULL;
}

struct space_entry *space_add(struct space *space, uint32_t handle)
{
	size_t count;
	struct space_entry *entries = entries_for(space, handle, &count);

	for (size_t i = 0; i < count; i++) {
		if (entries[i].virtual_handle != 0)
			continue;
		entries[i].virtual_handle =
			handle_is_session(handle) ? handle : FIRST_VIRTUAL_HANDLE + (uint32_t)i;
		entries[i].handle = handle;
		return &entries[i];
	}
	return NULL;
}

void space_entry_clear(struct space_entry *entry)
{
	context_done(&entry->context);
	*entry = (struct space_entry){ 0 };
}

void space_clear(struct space *space)
{
	for (size_t i = 0; i < SPACE_OBJECTS_MAX; i++)
		space_entry_clear(&space->objects[i]);
	for (size_t i = 0; i < SPACE_SESSIONS_MAX; i++)
		space_entry_clear(&space->sessions[i]);
}

static int by_index(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left & HANDLE_INDEX;
	uint32_t b = *(const uint32_t *)right & HANDLE_INDEX;

	return (a > b) - (a < b);
}

size_t space_list(const struct space *space, uint32_t first, uint32_t *handles, size_t most)
{
	uint32_t found[SPACE_OBJECTS_MAX + SPACE_SESSIONS_MAX];
	size_t places, count = 0;
	const struct space_entry *entries =
		entries_for((struct space *)(uintptr_t)space, first, &places);

	for (size_t i = 0; i < places; i++) {
		if (entries[i].virtual_handle != 0 &&
		    (entries[i].virtual_handle & HANDLE_INDEX) >= (first & HANDLE_INDEX))
			found[count++] = entries[i].virtual_handle;
	}
	qsort(found, count, sizeof(found[0]), by_index);
	for (size_t i = 0; i < count && i < most; i++)
		handles[i] = found[i];
	return count;
}
