/* SPDX-License-Identifier: BSD-3-Clause */
/* What a lock's file says: what is accepted is written the same again, and is fit to be shown. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tpm/state/holder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct holder holder;
	char *text;

	if (holder_parse((const char *)data, size, &holder) < 0)
		return 0;
	if (holder.pid <= 0 || holder.name[0] == '\0' || strchr(holder.name, '/') != NULL)
		abort();
	if (asprintf(&text, "%d %s\n", (int)holder.pid, holder.name) < 0)
		return 0;
	/* A number may have had zeros in front. */
	if (strlen(text) > size ||
	    memcmp(text + strlen(text) - strlen(holder.name) - 2,
		   data + size - strlen(holder.name) - 2, strlen(holder.name) + 2) != 0)
		abort();
	free(text);
	return 0;
}
