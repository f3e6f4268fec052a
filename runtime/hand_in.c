/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/hand_in.h"

#include <errno.h>
#include <stdint.h>

#include "runtime/config/entry.h"
#include "runtime/inside/late_nodes.h"
#include "runtime/inside/nodes.h"
#include "runtime/lease/lease.h"
#include "util/cleanup.h"
#include "util/error.h"

#define DEFAULT_MODE 0600

/* A node, and where it comes from. */
struct handed {
	struct lease_node *lease;
	size_t vtpm;
};

static void fill_node(struct container_node *node, const struct hand_in_request *request,
		      const struct vtpm_entry *entry, const struct lease_node *from, uint32_t major)
{
	container_node_name(node, from->path, request->user_namespace ? from->name : "");
	node->number = (struct device_number){ major, from->minor };
	node->mode = entry->file_mode >= 0 ? (mode_t)entry->file_mode : DEFAULT_MODE;
	node->uid = entry->uid >= 0 ? (uint32_t)entry->uid : 0;
	node->gid = entry->gid >= 0 ? (uint32_t)entry->gid : 0;
}

static size_t fill_nodes(const struct hand_in_request *request, struct lease *lease,
			 struct container_node *nodes, struct handed *handed)
{
	size_t count = 0;

	for (size_t i = 0; i < lease->count; i++) {
		struct lease_vtpm *vtpm = &lease->vtpms[i];

		for (size_t j = 0; j < vtpm->node_count; j++, count++) {
			handed[count] = (struct handed){ &vtpm->nodes[j], i };
			fill_node(&nodes[count], request, &request->entries[i], &vtpm->nodes[j],
				  vtpm->major);
		}
	}
	return count;
}

int hand_in(const struct hand_in_request *request, struct lease *lease, size_t *taken,
	    struct error *err)
{
	const size_t most = VTPM_NODES_MOST * lease->count + 1;
	cleanup_free struct container_node *nodes = calloc(most, sizeof(*nodes));
	cleanup_free struct handed *handed = calloc(most, sizeof(*handed));
	size_t node = SIZE_MAX;
	struct nodes_place place = { .init = lease->init,
				     .rootfs = lease->rootfs,
				     .work_dir = request->run_dir,
				     .user_namespace = request->user_namespace,
				     .nodes = nodes,
				     .taken = &node };
	int r;

	if (nodes == NULL || handed == NULL)
		return error_set(err, ENOMEM, "make the nodes");
	place.count = fill_nodes(request, lease, nodes, handed);
	r = (lease->attached ? late_nodes_make : nodes_make)(&place, err);
	for (size_t i = 0; i < place.count; i++) {
		handed[i].lease->point = nodes[i].point;
		handed[i].lease->alias_point = nodes[i].alias_point;
	}
	*taken = r == -EEXIST && node < place.count ? handed[node].vtpm : lease->count;
	return r;
}
