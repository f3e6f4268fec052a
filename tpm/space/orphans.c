/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/space/orphans.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tpm/space/space.h"

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

int orphans_add(struct orphans *orphans, uint32_t handle, const uint8_t *context, size_t len)
{
	for (size_t i = 0; i < ORPHANS_MAX; i++) {
		struct orphan *orphan = &orphans->of[i];

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

const struct orphan *orphans_find(const struct orphans *orphans, const uint8_t *given, size_t len)
{
	for (size_t i = 0; i < ORPHANS_MAX; i++) {
		const struct orphan *orphan = &orphans->of[i];

		if (orphan->handle != 0 && orphan->current.bytes != NULL &&
		    orphan->given.len == len && memcmp(orphan->given.bytes, given, len) == 0)
			return orphan;
	}
	return NULL;
}

void orphans_forget(struct orphans *orphans, uint32_t handle)
{
	for (size_t i = 0; i < ORPHANS_MAX; i++) {
		if (handle_is_same(orphans->of[i].handle, handle))
			clear_orphan(&orphans->of[i]);
	}
}

void orphans_clear(struct orphans *orphans)
{
	for (size_t i = 0; i < ORPHANS_MAX; i++)
		clear_orphan(&orphans->of[i]);
}
