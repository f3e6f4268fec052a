/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/give/hand_in.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "runtime/config/entry.h"
#include "runtime/inside/event_log.h"
#include "runtime/inside/late_nodes.h"
#include "runtime/inside/nodes.h"
#include "runtime/lease/lease.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"
#include "verify/log/event.h"

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

static void logs_done(struct handed_log *logs, size_t count)
{
	for (size_t i = 0; logs != NULL && i < count; i++)
		free(logs[i].bytes);
	free(logs);
}

/* A server that measures writes its log before it reports that it serves. */
static int read_log(const char *run_dir, const struct lease_vtpm *vtpm, struct handed_log *log,
		    struct error *err)
{
	const char *name = vtpm->nodes[0].path + strlen("/dev/");
	char path[PATH_MAX];
	int r;

	(void)snprintf(path, sizeof(path), "%s/%s.cel", run_dir, vtpm->nodes[0].name);
	(void)snprintf(log->name, sizeof(log->name), "%s.cel", name);
	r = read_path(path, CEL_LOG_MOST, &log->bytes, &log->len);
	return r < 0 ? error_set(err, -r, "read %s", path) : 0;
}

static int read_logs(const struct hand_in_request *request, const struct lease *lease,
		     struct handed_log *logs, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && !lease->attached && i < lease->count; i++) {
		if (lease->vtpms[i].launches > 0 && request->entries[i].event_log)
			r = read_log(request->run_dir, &lease->vtpms[i], &logs[i], err);
	}
	return r;
}

static int hand_in_all(struct nodes_place *place, const struct hand_in_request *request,
		       const struct lease *lease, struct error *err)
{
	struct handed_log *logs = calloc(lease->count + 1, sizeof(*logs));
	int r = logs == NULL ? error_set(err, ENOMEM, "read the event logs")
			     : read_logs(request, lease, logs, err);

	place->logs = logs;
	place->log_count = lease->count;
	if (r == 0)
		r = (lease->attached ? late_nodes_make : nodes_make)(place, err);
	place->logs = NULL;
	logs_done(logs, lease->count);
	return r;
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
	r = hand_in_all(&place, request, lease, err);
	for (size_t i = 0; i < place.count; i++) {
		handed[i].lease->point = nodes[i].point;
		handed[i].lease->alias_point = nodes[i].alias_point;
	}
	*taken = r == -EEXIST && node < place.count ? handed[node].vtpm : lease->count;
	return r;
}
