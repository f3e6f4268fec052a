/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "runtime/lease/lease.h"
#include "runtime/lease/dir.h"
#include "runtime/lease/reserve.h"

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

static bool is_ours(const struct lease_dir *dir, uint32_t major)
{
	const struct lease *lease;

	for (size_t i = 0; (lease = lease_dir_get(dir, i)) != NULL; i++) {
		for (size_t j = 0; j < lease->count; j++) {
			if (lease->vtpms[j].major == major && lease->vtpms[j].state_path[0] != '\0')
				return true;
		}
	}
	return false;
}

int reserve_major(const struct lease_dir *dir, const char *devices, uint32_t *ret)
{
	for (size_t i = 0; i < sizeof(local_majors) / sizeof(local_majors[0]); i++) {
		if (lists_major(devices, local_majors[i]) && !is_ours(dir, local_majors[i]))
			continue;
		*ret = local_majors[i];
		return 0;
	}
	return -ENOSPC;
}
