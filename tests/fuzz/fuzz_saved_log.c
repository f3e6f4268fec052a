/* SPDX-License-Identifier: BSD-3-Clause */
/* A log that is found is at the end of the bytes, and is put there as it was found. */
#include <stdlib.h>
#include <string.h>

#include "cuse/server/saved_log.h"
#include "util/wiped.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_wiped struct wiped all = { 0 };
	const uint8_t *log = NULL;
	size_t len;

	if (saved_log_find(data, size, &log, &len, NULL) < 0 || len == 0)
		return 0;
	if (log < data || log + len + SAVED_LOG_TAIL != data + size)
		abort();
	all.len = (size_t)(log - data);
	all.data = malloc(all.len + 1);
	if (all.data == NULL)
		return 0;
	memcpy(all.data, data, all.len);
	if (saved_log_append(&all, log, len) < 0 || all.len != size ||
	    memcmp(all.data, data, size) != 0)
		abort();
	return 0;
}
