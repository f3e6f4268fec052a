/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/life/undo.h"

#include <errno.h>
#include <string.h>

#include "runtime/host/cgroup_path.h"
#include "runtime/host/made_list.h"
#include "runtime/host/state_path.h"
#include "runtime/inside/late_nodes.h"
#include "runtime/inside/nodes.h"
#include "runtime/lease/index.h"
#include "runtime/lease/lease.h"
#include "runtime/rule/rule.h"
#include "runtime/server/launch.h"
#include "runtime/server/stop.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/log.h"

/* The container's own group is gone by now, or soon; the ones above it stay. */
static int revoke_rules(const struct lease *lease)
{
	cleanup_free struct device_number *numbers =
		calloc(lease->count + 1, VTPM_NODES_MOST * sizeof(*numbers));
	struct cgroup_path group;

	if (numbers == NULL)
		return -ENOMEM;
	if (lease->device_group[0] == '\0')
		return 0;
	(void)strcpy(group.path, lease->device_group);
	(void)strcpy(group.mount, lease->device_mount);
	device_rules_revoke(&group, numbers, lease_numbers(lease, numbers));
	return 0;
}

static size_t nodes_of(const struct lease *lease, struct container_node *nodes)
{
	size_t count = 0;

	for (size_t i = 0; i < lease->count; i++) {
		const struct lease_vtpm *vtpm = &lease->vtpms[i];

		for (size_t j = 0; j < vtpm->node_count; j++, count++) {
			const struct lease_node *node = &vtpm->nodes[j];

			container_node_name(&nodes[count], node->path, node->name);
			nodes[count].number = (struct device_number){ vtpm->major, node->minor };
			nodes[count].point = node->point;
			nodes[count].alias_point = node->alias_point;
		}
	}
	return count;
}

/* A /dev in memory is gone with its container; that of a living container may not answer. */
static void remove_late_nodes(const struct lease *lease, struct container_node *nodes)
{
	struct error err;

	if (process_lives(&lease->init) &&
	    late_nodes_remove(&lease->init, nodes, nodes_of(lease, nodes), &err) < 0)
		log_warn("container %s: nodes of vTPMs that it has no more stay: %s", lease->id,
			 err.text);
}

static int remove_nodes(const struct lease *lease)
{
	cleanup_free struct container_node *nodes =
		calloc(lease->count + 1, VTPM_NODES_MOST * sizeof(*nodes));

	if (nodes == NULL)
		return -ENOMEM;
	if (lease->attached)
		remove_late_nodes(lease, nodes);
	else if (lease->rootfs[0] != '\0')
		nodes_remove(lease->rootfs, nodes, nodes_of(lease, nodes));
	return 0;
}

/* A hook that was killed may not have noted which directory it made. */
static int remove_state(const struct lease *lease, const struct lease_vtpm *vtpm, struct error *err)
{
	char container[LEASE_NAME_LEN + 1];

	if (file_id_known(&vtpm->state_id) ||
	    lease_name(lease->hash, lease->id, lease->part, container) < 0)
		return state_path_remove(vtpm->state_path, &vtpm->state_id, err);
	return state_path_remove_made(vtpm->state_path, container, err);
}

/* 1: one stays. Somebody else may have taken it over. */
static int remove_states(const struct lease *lease, const char *lib_dir, struct error *err)
{
	struct error why;
	int result = 0;

	for (size_t i = 0; i < lease->count; i++) {
		const struct lease_vtpm *vtpm = &lease->vtpms[i];

		if (!vtpm->created || vtpm->managed)
			continue;
		if (remove_state(lease, vtpm, &why) == 0) {
			made_list_remove(lib_dir, vtpm->state_path);
			continue;
		}
		log_warn("container %s: %s", lease->id, why.text);
		(void)error_say(err, EBUSY, "container %s: %s", lease->id, why.text);
		result = 1;
	}
	return result;
}

int vtpms_undo(const struct server_programs *programs, const struct lease *lease, struct error *err)
{
	int r = servers_stop(lease, programs->run_dir, err);

	if (r < 0)
		return r;
	r = revoke_rules(lease);
	if (r == 0)
		r = remove_nodes(lease);
	if (r < 0)
		return error_set(err, -r, "remove the vTPMs of %s", lease->id);
	return remove_states(lease, programs->lib_dir, err);
}
