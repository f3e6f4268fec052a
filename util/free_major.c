/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/free_major.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* The range is from Documentation/admin-guide/devices.txt: "local/experimental use". */
static const uint32_t local_majors[] = { 120, 121, 122, 123, 124, 125, 126, 127, 60, 61, 62, 63 };

static bool lists_major(const char *devices, uint32_t major)
{
	const char *end = strstr(devices, "Block devices:");

	for (; devices != NULL && *devices != '\0' && (end == NULL || devices < end);
	     devices = strchr(devices, '\n')) {
		unsigned int number;

		devices += strspn(devices, "\n");
		if (sscanf(devices, "%u ", &number) == 1 && number == major)
			return true;
	}
	return false;
}

int free_major(const char *devices, major_is_ours *ours, const void *context, uint32_t *ret)
{
	for (size_t i = 0; i < sizeof(local_majors) / sizeof(local_majors[0]); i++) {
		if (lists_major(devices, local_majors[i]) && !ours(local_majors[i], context))
			continue;
		*ret = local_majors[i];
		return 0;
	}
	return -ENOSPC;
}
