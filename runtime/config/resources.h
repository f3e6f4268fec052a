/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The limits that an administrator sets for a server, under their names in OCI's linux.resources.
 */
#ifndef VTPM_RUNTIME_CONFIG_RESOURCES_H
#define VTPM_RUNTIME_CONFIG_RESOURCES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/config/io_limits.h"
#include "runtime/config/members.h"

/* 0: not set. */
struct resources {
	int64_t shares;        /* cpu.shares, 2 to 262144 */
	int64_t quota, period; /* cpu, microseconds; a quota of -1: unlimited */
	int64_t memory;        /* memory.limit, bytes */
	int64_t processes;     /* pids.limit */
	int64_t weight;        /* blockIO.weight, 10 to 1000 */
	struct io_limits io;   /* blockIO.throttle... */
};

/* A struct resources. Pure. */
member_store member_resources;

bool resources_are_any(const struct resources *resources);

/* Fills the unset members of RESOURCES from DEFAULTS. Pure. */
void resources_default(struct resources *resources, const struct resources *defaults);

/* The object that member_resources() would read back; NULL: no memory. Pure. */
json_t *resources_format(const struct resources *resources);

#endif
