/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a server may take of the machine, by its own control group of v2: as much processor time and
 * as much of the disks as its container, for which it works, and memory and processes as every
 * server needs them.
 */
#ifndef VTPM_RUNTIME_HOST_LIMITS_H
#define VTPM_RUNTIME_HOST_LIMITS_H

#include <stdint.h>

struct error;
struct resources;

/* Microseconds of processor time in each PERIOD; a QUOTA of 0: all there are. */
struct cpu_limit {
	uint64_t quota, period;
};

/*
 * LIMIT becomes what TEXT, of a group's cpu.max, says where that is less. -EINVAL: it says nothing.
 * Pure.
 */
int cpu_limit_tighten(struct cpu_limit *limit, const char *text);

/* Whose limits, by what. */
struct limits_request {
	const char *mount; /* of the hierarchy */
	const char *group; /* the container's; NULL: there is none to follow */
	const char *own;   /* the server's, in another one of ours */
	const struct resources *resources;
};

/*
 * Limits the server's group as RESOURCES say; where they say nothing, processor time, disks and
 * weights are limited as those of the container's group and the groups above it are now. May be
 * called again: what is no limit any more goes. Not when the group is made: manufacturing a TPM
 * takes more than serving it. Fails when there is a limit of processor time or disks that cannot be
 * had; memory, processes and weights are as they can be.
 */
int limits_set(const struct limits_request *request, struct error *err);

/* The files of a container's group that limits_set() follows, NULL at the end. */
extern const char *const limits_followed[];

#endif
