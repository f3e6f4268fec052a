/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of CDI: those of others are only read, and ours have what they are said to have. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/config/cdi.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_own(const char *name)
{
	cleanup_free char *text = NULL;

	if (cdi_format(&name, 1, "/sbin/vtpm-hook", NULL, &text, NULL) < 0 ||
	    !cdi_has_device(text, strlen(text), name))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *name = strndup((const char *)data, size);

	(void)cdi_has_device((const char *)data, size, "default");
	if (name != NULL && cdi_can_name(name))
		check_own(name);
	return 0;
}
