/* SPDX-License-Identifier: BSD-3-Clause */
/* A log that a launcher may have written ends with the separators of both registers. */
#include <stdlib.h>

#include "util/cleanup.h"
#include "verify/policy/launch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct cel_log *log, const json_t *launch)
{
	int separators = 0;

	for (size_t i = 0; i < log->count; i++)
		separators += cel_is_separator(&log->records[i].event);
	if (separators != 2 || json_object_size(launch) == 0 || log->count < 3)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_with(cel_log_freep) struct cel_log *log = NULL;
	cleanup_with(json_decrefp) json_t *launch = NULL;
	cleanup_free char *text = NULL;

	if (cel_log_parse(data, size, &log, NULL) < 0 || launch_read(log, &launch, NULL) < 0)
		return 0;
	check(log, launch);
	text = json_dumps(launch, 0);
	if (text == NULL)
		abort();
	return 0;
}
