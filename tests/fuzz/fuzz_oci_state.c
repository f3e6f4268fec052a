/* SPDX-License-Identifier: BSD-3-Clause */
/* A container's state: an id that is accepted can be part of a file name. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/config/oci_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oci_state state;

	if (oci_state_parse((const char *)data, size, &state, NULL) < 0)
		return 0;
	if (state.id[0] == '\0' || state.id[0] == '.' || strchr(state.id, '/') != NULL ||
	    state.bundle[0] != '/' || state.pid < 0)
		abort();
	oci_state_done(&state);
	return 0;
}
