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

/* Microseconds of processor time in each PERIOD; a QUOTA of 0: all there are. */
struct cpu_limit {
	uint64_t quota, period;
};

/*
 * LIMIT becomes what TEXT, of a group's cpu.max, says where that is less. -EINVAL: it says nothing.
 * Pure.
 */
int cpu_limit_tighten(struct cpu_limit *limit, const char *text);

/*
 * Limits the group OWN, which has another one of ours above it, in the hierarchy that is mounted at
 * MOUNT, as GROUP there and those above it are limited now; its weights become GROUP's. May be
 * called again: what is no limit any more goes. Not when it is made: manufacturing a TPM takes more
 * than serving it. Fails when the container has a limit that cannot be had for OWN; memory,
 * processes and weights are as they can be.
 */
int limits_copy(const char *mount, const char *group, const char *own, struct error *err);

#endif
