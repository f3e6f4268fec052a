/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/rule/rule.h"

#include <limits.h>
#include <string.h>

#include "runtime/host/cgroup.h"
#include "runtime/rule/backends.h"
#include "util/error.h"
#include "util/log.h"

/* If this fails, access lasts until systemd next rewrites its rules. */
static void tell_systemd(const struct cgroup_view *view, const char *id,
			 const struct device_number *devices, size_t count)
{
	static const char *const controllers[] = { "devices", CGROUP_UNIFIED };
	char unit[NAME_MAX + 1];
	struct cgroup_path group;
	struct error err;

	for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++) {
		if (cgroup_view_find(view, controllers[i], &group) < 0 ||
		    cgroup_path_scope(group.path + strlen(group.mount), unit) < 0)
			continue;
		if (device_rule_systemd_allow(unit, devices, count, &err) < 0)
			log_warn("container %s: it loses its vTPMs at systemd's next "
				 "daemon-reload: %s",
				 id, err.text);
		return;
	}
}

/* systemd must come first: it rewrites the device program when it is told. */
int device_rules_allow(const struct cgroup_view *view, const char *id,
		       const struct device_number *devices, size_t count, struct error *err)
{
	struct cgroup_path group;
	int r = 0;

	tell_systemd(view, id, devices, count);
	if (cgroup_view_find(view, "devices", &group) == 0)
		r = device_rule_v1_allow(group.path, devices, count, err);
	if (r == 0 && cgroup_view_find(view, CGROUP_UNIFIED, &group) == 0)
		r = device_rule_bpf_allow(&group, devices, count, err);
	return r;
}

void device_rules_revoke(const struct cgroup_path *group, const struct device_number *devices,
			 size_t count)
{
	device_rule_bpf_revoke(group, devices, count);
}
