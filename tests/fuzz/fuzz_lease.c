/* SPDX-License-Identifier: BSD-3-Clause */
/* A lease that was read is written and read again without a change, and removes nothing it should
 * not. */
#include <stdlib.h>
#include <string.h>

#include "runtime/lease/lease.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_paths(const struct lease *lease)
{
	if (strchr(lease->id, '/') != NULL || strchr(lease->hash, '/') != NULL)
		abort();
	for (size_t i = 0; i < lease->count; i++) {
		const struct lease_vtpm *vtpm = &lease->vtpms[i];

		if (vtpm->state_path[0] != '\0' && vtpm->state_path[0] != '/')
			abort();
		for (size_t j = 0; j < vtpm->node_count; j++) {
			if (strchr(vtpm->nodes[j].name, '/') != NULL ||
			    strncmp(vtpm->nodes[j].path, "/dev/", 5) != 0)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free struct lease *lease = NULL, *back = NULL;
	cleanup_free char *text = NULL;

	if (lease_parse((const char *)data, size, &lease, NULL) < 0)
		return 0;
	check_paths(lease);
	if (lease_format(lease, &text) < 0)
		abort();
	if (lease_parse(text, strlen(text), &back, NULL) < 0 ||
	    memcmp(lease, back, sizeof(*lease) + lease->count * sizeof(lease->vtpms[0])) != 0)
		abort();
	return 0;
}
