/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/server/limit.h"

#include <stdbool.h>
#include <string.h>

#include "runtime/host/limits.h"
#include "runtime/host/process.h"
#include "runtime/lease/book.h"
#include "runtime/lease/lease.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/log.h"

void server_limit(const struct lease *lease, const struct lease_vtpm *vtpm)
{
	const struct limits_request request = { .mount = lease->device_mount,
						.group = lease->device_group,
						.own = vtpm->cgroup,
						.resources = &vtpm->resources };
	struct error err;

	if (vtpm->cgroup[0] == '\0' || lease->device_group[0] == '\0')
		return;
	if (limits_set(&request, &err) < 0)
		log_warn("vTPM %s: %s", vtpm->nodes[0].name, err.text);
}

static void limit_all(const struct lease *lease)
{
	for (size_t i = 0; i < lease->count; i++) {
		if (process_lives(&lease->vtpms[i].server))
			server_limit(lease, &lease->vtpms[i]);
	}
}

static bool is_beneath(const char *path, const char *group)
{
	const size_t len = group != NULL ? strlen(group) : 0;

	return group == NULL ||
	       (strncmp(path, group, len) == 0 && (path[len] == '\0' || path[len] == '/'));
}

void servers_limit(const char *run_dir, const char *group)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = NULL;
	const char *name = NULL;

	if (lease_book_open(run_dir, &book, NULL) < 0)
		return;
	while (lease_book_next(book, NULL, NULL, &name, &lease)) {
		if (is_beneath(lease->device_group, group))
			limit_all(lease);
	}
}
