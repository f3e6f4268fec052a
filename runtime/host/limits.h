/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Limits a server by its own control group of v2: processor time and disk use as its container has
 * them, for which it works; memory and processes as every server needs them.
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
 * Lowers LIMIT to what TEXT, of a group's cpu.max, says, if that is less. -EINVAL: TEXT is
 * malformed. Pure.
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
 * Limits the server's group as RESOURCES say. Where they are unset, processor time, disks and
 * weights follow the container's group, and the groups above it, as they are now. May be called
 * again: limits that no longer apply are lifted. Not called when the group is made, because
 * manufacturing a TPM takes more than serving it. Fails when a limit of processor time or disks
 * cannot be set; memory, processes and weights are best effort.
 */
int limits_set(const struct limits_request *request, struct error *err);

/* The files of a container's group that limits_set() follows, NULL at the end. */
extern const char *const limits_followed[];

#endif
