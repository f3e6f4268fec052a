/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/space/slots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tpm/tcg.h"

bool slots_code_is_warning(uint32_t code)
{
	switch (code) {
	case TPM2_RC_CONTEXT_GAP:
	case TPM2_RC_OBJECT_MEMORY:
	case TPM2_RC_SESSION_MEMORY:
	case TPM2_RC_MEMORY:
	case TPM2_RC_SESSION_HANDLES:
	case TPM2_RC_OBJECT_HANDLES:
		return true;
	default:
		return false;
	}
}

/* The resident entry of a kind that was not used for longest; NULL: all are pinned. */
static struct space_entry *least_used(struct space_entry *entries, size_t count,
				      struct space_entry *best)
{
	for (size_t i = 0; i < count; i++) {
		if (entries[i].handle == 0 || entries[i].pinned)
			continue;
		if (best == NULL || entries[i].last_use < best->last_use)
			best = &entries[i];
	}
	return best;
}

static bool evict_least_used(struct resmgr *resmgr, bool sessions)
{
	struct space_entry *best = NULL;

	for (struct space *space = resmgr->spaces; space != NULL; space = space->next) {
		if (sessions)
			best = least_used(space->sessions, SPACE_SESSIONS_MAX, best);
		else
			best = least_used(space->objects, SPACE_OBJECTS_MAX, best);
	}
	return best != NULL && slots_evict(resmgr, best) == 0;
}

static struct context *older(struct context *a, struct context *b)
{
	if (b->bytes == NULL)
		return a;
	return a == NULL || context_sequence(b) < context_sequence(a) ? b : a;
}

/* The saved session that the TPM's counter will catch up with first. */
static struct context *oldest_session(struct resmgr *resmgr)
{
	struct context *oldest = NULL;

	for (struct space *space = resmgr->spaces; space != NULL; space = space->next) {
		for (size_t i = 0; i < SPACE_SESSIONS_MAX; i++)
			oldest = older(oldest, &space->sessions[i].context);
	}
	for (size_t i = 0; i < ORPHANS_MAX; i++)
		oldest = older(oldest, &resmgr->orphans[i].current);
	return oldest;
}

/*
 * A saved session must not stay behind by more than the counter's window: loading and saving it
 * again makes it the youngest. The TPM keeps a slot free for that (Part 1, 30.5).
 */
static bool renew_oldest(struct resmgr *resmgr)
{
	struct context *context = oldest_session(resmgr);
	uint32_t handle = 0, code = TPM2_RC_SUCCESS;

	if (context == NULL)
		return false;
	if (context_load(&resmgr->executor, context, &handle, &code) < 0)
		return false;
	if (code != TPM2_RC_SUCCESS) {
		/* Somebody has flushed it, and the TPM waits for another one. */
		context_done(context);
		return true;
	}
	return context_save(&resmgr->executor, handle, context, &code) == 0 &&
	       code == TPM2_RC_SUCCESS;
}

bool slots_make_room(struct resmgr *resmgr, uint32_t code)
{
	switch (code) {
	case TPM2_RC_OBJECT_MEMORY:
	case TPM2_RC_OBJECT_HANDLES:
	case TPM2_RC_MEMORY:
		return evict_least_used(resmgr, false);
	case TPM2_RC_SESSION_MEMORY:
		return evict_least_used(resmgr, true);
	case TPM2_RC_CONTEXT_GAP:
		return renew_oldest(resmgr);
	default:
		return false;
	}
}

static unsigned int count_resident(const struct space_entry *entries, size_t count)
{
	unsigned int resident = 0;

	for (size_t i = 0; i < count; i++)
		resident += entries[i].handle != 0;
	return resident;
}

void slots_reserve(struct resmgr *resmgr, bool session)
{
	unsigned int resident = 0;

	for (const struct space *space = resmgr->spaces; space != NULL; space = space->next) {
		if (session)
			resident += count_resident(space->sessions, SPACE_SESSIONS_MAX);
		else
			resident += count_resident(space->objects, SPACE_OBJECTS_MAX);
	}
	if (resident >= (session ? resmgr->session_slots : resmgr->object_slots))
		(void)evict_least_used(resmgr, session);
}

int slots_load(struct resmgr *resmgr, struct space_entry *entry, uint32_t *code)
{
	uint32_t handle = 0;
	int r;

	slots_reserve(resmgr, handle_is_session(entry->virtual_handle));
	do {
		r = context_load(&resmgr->executor, &entry->context, &handle, code);
	} while (r == 0 && slots_make_room(resmgr, *code));
	if (r < 0 || *code != TPM2_RC_SUCCESS)
		return r;

	slots_forget_handle(resmgr, handle);
	entry->handle = handle;
	/* A session's context is good for one load; an object's as long as the object does not
	 * change. */
	if (handle_is_session(handle) || context_is_sequence_object(&entry->context))
		context_done(&entry->context);
	return 0;
}

static int save(struct resmgr *resmgr, struct space_entry *entry, uint32_t *code)
{
	int r;

	do {
		r = context_save(&resmgr->executor, entry->handle, &entry->context, code);
	} while (r == 0 && *code == TPM2_RC_CONTEXT_GAP && renew_oldest(resmgr));
	return r;
}

int slots_evict(struct resmgr *resmgr, struct space_entry *entry)
{
	uint32_t code = TPM2_RC_SUCCESS;
	int r = 0;

	if (entry->context.bytes == NULL)
		r = save(resmgr, entry, &code);
	if (r < 0)
		return r;
	if (code == TPM2_RC_CONTEXT_GAP)
		return -EBUSY;
	if (code != TPM2_RC_SUCCESS) {
		space_entry_clear(entry);
		return 0;
	}
	if (!handle_is_session(entry->handle))
		r = context_flush(&resmgr->executor, entry->handle, &code);
	entry->handle = 0;
	return r;
}

static int evict_all(struct resmgr *resmgr, struct space_entry *entries, size_t count)
{
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		if (entries[i].handle != 0)
			r = slots_evict(resmgr, &entries[i]);
	}
	return r;
}

int slots_evict_others(struct resmgr *resmgr, const struct space *space)
{
	int r = 0;

	for (struct space *other = resmgr->spaces; other != NULL && r == 0; other = other->next) {
		if (other == space)
			continue;
		r = evict_all(resmgr, other->objects, SPACE_OBJECTS_MAX);
		if (r == 0)
			r = evict_all(resmgr, other->sessions, SPACE_SESSIONS_MAX);
	}
	return r;
}

void slots_forget_handle(struct resmgr *resmgr, uint32_t handle)
{
	for (struct space *space = resmgr->spaces; space != NULL; space = space->next) {
		for (size_t i = 0; i < SPACE_OBJECTS_MAX; i++) {
			if (space->objects[i].handle == handle)
				space_entry_clear(&space->objects[i]);
		}
		for (size_t i = 0; i < SPACE_SESSIONS_MAX; i++) {
			if (handle_is_same(space->sessions[i].handle, handle))
				space_entry_clear(&space->sessions[i]);
		}
	}
}

static bool contains(const uint32_t *handles, size_t count, uint32_t handle)
{
	for (size_t i = 0; i < count; i++) {
		if (handles[i] == handle)
			return true;
	}
	return false;
}

int slots_resync(struct resmgr *resmgr)
{
	uint32_t handles[SPACE_OBJECTS_MAX];
	size_t count;
	int r;

	r = context_read_handles(&resmgr->executor, (uint32_t)TPM2_HT_TRANSIENT << 24, handles,
				 SPACE_OBJECTS_MAX, &count);
	if (r < 0)
		return r;
	for (struct space *space = resmgr->spaces; space != NULL; space = space->next) {
		for (size_t i = 0; i < SPACE_OBJECTS_MAX; i++) {
			struct space_entry *entry = &space->objects[i];

			if (entry->handle != 0 && !contains(handles, count, entry->handle))
				space_entry_clear(entry);
		}
	}
	return 0;
}

struct space *slots_session_owner(struct resmgr *resmgr, uint32_t handle)
{
	struct space *space = resmgr->spaces;

	while (space != NULL && space_find(space, handle) == NULL)
		space = space->next;
	return space;
}

static int copy_context(struct context *to, const uint8_t *bytes, size_t len)
{
	to->bytes = malloc(len);
	if (to->bytes == NULL)
		return -ENOMEM;
	memcpy(to->bytes, bytes, len);
	to->len = len;
	return 0;
}

static void clear_orphan(struct orphan *orphan)
{
	context_done(&orphan->given);
	context_done(&orphan->current);
	orphan->handle = 0;
}

int slots_add_orphan(struct resmgr *resmgr, uint32_t handle, const uint8_t *context, size_t len)
{
	for (size_t i = 0; i < ORPHANS_MAX; i++) {
		struct orphan *orphan = &resmgr->orphans[i];

		if (orphan->handle != 0)
			continue;
		if (copy_context(&orphan->given, context, len) < 0 ||
		    copy_context(&orphan->current, context, len) < 0) {
			clear_orphan(orphan);
			return -ENOMEM;
		}
		orphan->handle = handle;
		return 0;
	}
	return -ENOSPC;
}

const struct orphan *slots_find_orphan(const struct resmgr *resmgr, const uint8_t *given,
				       size_t len)
{
	for (size_t i = 0; i < ORPHANS_MAX; i++) {
		const struct orphan *orphan = &resmgr->orphans[i];

		if (orphan->handle != 0 && orphan->current.bytes != NULL &&
		    orphan->given.len == len && memcmp(orphan->given.bytes, given, len) == 0)
			return orphan;
	}
	return NULL;
}

void slots_forget_orphan(struct resmgr *resmgr, uint32_t handle)
{
	for (size_t i = 0; i < ORPHANS_MAX; i++) {
		if (handle_is_same(resmgr->orphans[i].handle, handle))
			clear_orphan(&resmgr->orphans[i]);
	}
}
