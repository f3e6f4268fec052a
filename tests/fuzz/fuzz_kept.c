/* SPDX-License-Identifier: BSD-3-Clause */
/* A record of a kept state: one that was read is written and read again without a change, and what
 * it names can be looked for. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/host/kept.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *text = NULL, *again = NULL;
	struct kept kept, back;

	if (kept_parse((const char *)data, size, &kept, NULL) < 0)
		return 0;
	if (kept.path[0] != '/' || (kept.anchor[0] != '\0' && kept.anchor[0] != '/'))
		abort();
	if (kept_format(&kept, &text) < 0 || kept_parse(text, strlen(text), &back, NULL) < 0 ||
	    kept_format(&back, &again) < 0 || strcmp(text, again) != 0)
		abort();
	return 0;
}
