/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of runtimes about a container: what is taken names a process and an absolute path. */
#include <stdint.h>
#include <stdlib.h>

#include "runtime/host/running.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct running running;

	if (running_parse((const char *)data, size, &running, NULL) == 0 &&
	    (running.init.pid < 0 || running.bundle[0] != '/'))
		abort();
	return 0;
}
