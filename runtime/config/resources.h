/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an administrator lets a server take of the machine, under the names that OCI's
 * linux.resources has for it.
 */
#ifndef VTPM_RUNTIME_CONFIG_RESOURCES_H
#define VTPM_RUNTIME_CONFIG_RESOURCES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/config/io_limits.h"
#include "runtime/config/members.h"

/* 0: nothing is said of it. */
struct resources {
	int64_t shares;        /* cpu.shares, 2 to 262144 */
	int64_t quota, period; /* cpu, microseconds; a quota of -1: all there is */
	int64_t memory;        /* memory.limit, bytes */
	int64_t processes;     /* pids.limit */
	int64_t weight;        /* blockIO.weight, 10 to 1000 */
	struct io_limits io;   /* blockIO.throttle... */
};

/* A struct resources. Pure. */
member_store member_resources;

bool resources_are_any(const struct resources *resources);

/* What RESOURCES do not say becomes what DEFAULTS say. Pure. */
void resources_default(struct resources *resources, const struct resources *defaults);

/* The object that member_resources() reads; NULL: no memory. Pure. */
json_t *resources_format(const struct resources *resources);

#endif
