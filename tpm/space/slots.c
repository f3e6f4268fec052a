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
		oldest = older(oldest, &resmgr->orphans.of[i].current);
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

static bool is_resident(const struct resmgr *resmgr, uint32_t handle)
{
	for (const struct space *space = resmgr->spaces; space != NULL; space = space->next) {
		for (size_t i = 0; i < SPACE_OBJECTS_MAX; i++) {
			if (space->objects[i].handle == handle)
				return true;
		}
		for (size_t i = 0; i < SPACE_SESSIONS_MAX; i++) {
			if (handle_is_same(space->sessions[i].handle, handle))
				return true;
		}
	}
	return false;
}

static bool put_away(struct resmgr *resmgr, uint32_t handle)
{
	struct space_entry *entry = space_add(resmgr->exclusive, handle);

	if (entry == NULL)
		return false;
	entry->virtual_handle = handle; /* where it will be again */
	if (slots_evict(resmgr, entry) == 0 && entry->virtual_handle != 0)
		return true;
	space_entry_clear(entry);
	return false;
}

/* What the TPM has and no space owns. */
static bool put_exclusive_away(struct resmgr *resmgr, bool sessions)
{
	uint32_t first = (uint32_t)(sessions ? TPM2_HT_HMAC_SESSION : TPM2_HT_TRANSIENT) << 24;
	uint32_t handles[SPACE_OBJECTS_MAX];
	bool moved = false;
	size_t count;

	if (context_read_handles(&resmgr->executor, first, handles, SPACE_OBJECTS_MAX, &count) < 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!is_resident(resmgr, handles[i]) && put_away(resmgr, handles[i]))
			moved = true;
	}
	return moved;
}

static bool free_slot(struct resmgr *resmgr, bool sessions)
{
	return put_exclusive_away(resmgr, sessions) || evict_least_used(resmgr, sessions);
}

bool slots_make_room(struct resmgr *resmgr, uint32_t code)
{
	switch (code) {
	case TPM2_RC_OBJECT_MEMORY:
	case TPM2_RC_OBJECT_HANDLES:
	case TPM2_RC_MEMORY:
		return free_slot(resmgr, false);
	case TPM2_RC_SESSION_MEMORY:
		return free_slot(resmgr, true);
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

int slots_show(struct resmgr *resmgr, struct space *space, bool session)
{
	struct space_entry *entries = session ? space->sessions : space->objects;
	size_t count = session ? SPACE_SESSIONS_MAX : SPACE_OBJECTS_MAX;
	uint32_t code;
	int r = slots_evict_others(resmgr, space);

	(void)put_exclusive_away(resmgr, session);
	if (r == 0 && !session)
		r = evict_all(resmgr, entries, count);
	for (size_t i = 0; i < count && r == 0; i++) {
		if (entries[i].virtual_handle != 0 && entries[i].handle == 0)
			r = slots_load(resmgr, &entries[i], &code);
	}
	return r;
}

/* The TPM gives the lowest number that is free: the lower ones are taken for a moment. */
static int restore(struct resmgr *resmgr, struct space_entry *entry)
{
	uint32_t below[SPACE_OBJECTS_MAX], handle = 0, code;
	size_t count = 0;
	int r;

	do {
		r = context_load(&resmgr->executor, &entry->context, &handle, &code);
		if (r < 0 || code != TPM2_RC_SUCCESS || handle == entry->virtual_handle)
			break;
		below[count++] = handle;
	} while (count < SPACE_OBJECTS_MAX);
	while (count > 0)
		(void)context_flush(&resmgr->executor, below[--count], &code);
	/* What does not load is gone: TPM2_Clear, for one, flushes what is away as well. */
	space_entry_clear(entry);
	return r;
}

int slots_restore_exclusive(struct resmgr *resmgr)
{
	struct space *exclusive = resmgr->exclusive;
	int r = 0;

	for (size_t i = 0; i < SPACE_OBJECTS_MAX && r == 0; i++) {
		if (exclusive->objects[i].virtual_handle != 0)
			r = restore(resmgr, &exclusive->objects[i]);
	}
	for (size_t i = 0; i < SPACE_SESSIONS_MAX && r == 0; i++) {
		if (exclusive->sessions[i].virtual_handle != 0)
			r = restore(resmgr, &exclusive->sessions[i]);
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
