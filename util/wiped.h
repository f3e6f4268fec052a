/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Buffers whose content nobody may find again: wiped before they are freed. For what is kept for
 * longer than a call there is util/secret.h.
 */
#ifndef VTPM_UTIL_WIPED_H
#define VTPM_UTIL_WIPED_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

/* All zero: empty. DATA is malloc()'s. */
struct wiped {
	uint8_t *data;
	size_t len;
};

static inline void wipe_and_free(void *data, size_t len)
{
	if (data != NULL)
		explicit_bzero(data, len);
	free(data);
}

static inline void wiped_done(struct wiped *buffer)
{
	wipe_and_free(buffer->data, buffer->len);
	buffer->data = NULL;
	buffer->len = 0;
}

#define cleanup_wiped cleanup_with(wiped_done)

#endif
