/* SPDX-License-Identifier: BSD-3-Clause */
/* The keepers of device rules, one file each: cgroup v1, programs on cgroup v2, systemd. */
#ifndef VTPM_RUNTIME_RULE_BACKENDS_H
#define VTPM_RUNTIME_RULE_BACKENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cgroup_path;
struct device_number;
struct error;

/* cgroup v1: GROUP is the container's directory in the devices hierarchy. */
int device_rule_v1_allow(const char *group, const struct device_number *devices, size_t count,
			 struct error *err);

/*
 * cgroup v2: every program that refuses a device, on the group or above it, gets a rule in front.
 * Where no program is attached nothing refuses, and nothing is done.
 */
int device_rule_bpf_allow(const struct cgroup_path *group, const struct device_number *devices,
			  size_t count, struct error *err);

/*
 * A number that changes when a program is attached to GROUP or above it, or is detached; 0 where
 * none is, or none may be asked for. Needs CAP_NET_ADMIN alone.
 */
uint64_t device_rule_bpf_programs(const struct cgroup_path *group);

/* Takes the rules out again, wherever they still are. */
void device_rule_bpf_revoke(const struct cgroup_path *group, const struct device_number *devices,
			    size_t count);

/*
 * Adds the devices to UNIT's list if it has one, because systemd rewrites its rules from the list
 * at any time. Does nothing without systemd.
 */
int device_rule_systemd_allow(const char *unit, const struct device_number *devices, size_t count,
			      struct error *err);

/*
 * Whether a unit with these PROPERTIES, lines as systemctl prints them, has to be told of DEVICES:
 * it uses its list, and one of them is not there. Pure.
 */
bool device_rule_systemd_needed(const char *properties, const struct device_number *devices,
				size_t count);

#endif
