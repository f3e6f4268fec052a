/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Allows a container to read and write certain devices, in the device control groups that it is
 * under.
 */
#ifndef VTPM_RUNTIME_RULE_RULE_H
#define VTPM_RUNTIME_RULE_RULE_H

#include <stddef.h>

struct cgroup_path;
struct cgroup_view;
struct device_number;
struct error;

/*
 * Allows DEVICES in the groups of VIEW and, for systemd, in their unit. If systemd cannot be told,
 * access lasts until it rewrites its rules; this is logged, for container ID.
 */
int device_rules_allow(const struct cgroup_view *view, const char *id,
		       const struct device_number *devices, size_t count, struct error *err);

/* Takes the rules out of GROUP and the groups above it, wherever they still are. */
void device_rules_revoke(const struct cgroup_path *group, const struct device_number *devices,
			 size_t count);

#endif
