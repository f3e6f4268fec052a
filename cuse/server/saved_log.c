/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/saved_log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/wiped.h"
#include "verify/log/log.h"

#define LENGTH_SIZE 4

static const char mark[SAVED_LOG_TAIL - LENGTH_SIZE] = { 'V', 'T', 'P', 'M', '-', 'L', 'O', 'G' };

int saved_log_append(struct wiped *all, const uint8_t *log, size_t len)
{
	const size_t size = all->len + len + SAVED_LOG_TAIL;
	uint8_t *more;

	if (len == 0)
		return 0;
	more = malloc(size);
	if (more == NULL)
		return -ENOMEM;
	memcpy(more, all->data, all->len);
	memcpy(more + all->len, log, len);
	put_be32(more + all->len + len, (uint32_t)len);
	memcpy(more + all->len + len + LENGTH_SIZE, mark, sizeof(mark));
	wiped_done(all);
	*all = (struct wiped){ more, size };
	return 0;
}

int saved_log_find(const uint8_t *bytes, size_t size, const uint8_t **log, size_t *len,
		   struct error *err)
{
	cleanup_with(cel_log_freep) struct cel_log *parsed = NULL;
	const uint8_t *tail;
	struct error why;
	int r;

	*len = 0;
	if (size < SAVED_LOG_TAIL)
		return 0;
	tail = bytes + size - SAVED_LOG_TAIL;
	if (memcmp(tail + LENGTH_SIZE, mark, sizeof(mark)) != 0)
		return 0;
	if (get_be32(tail) == 0 || get_be32(tail) > size - SAVED_LOG_TAIL)
		return error_say(err, EBADMSG, "its event log is not whole");
	*log = tail - get_be32(tail);
	r = cel_log_parse(*log, get_be32(tail), &parsed, &why);
	if (r == 0)
		r = cel_log_check(parsed, &why);
	if (r < 0)
		return error_say(err, EBADMSG, "its event log is wrong: %s", why.text);
	*len = get_be32(tail);
	return 0;
}
