/* SPDX-License-Identifier: BSD-3-Clause */
/* The texts of /proc, one behind the other with a NUL between: what is found lies beneath its
 * mount. */
#include <stdlib.h>
#include <string.h>

#include "runtime/host/cgroup_path.h"
#include "runtime/host/limits.h"
#include "runtime/host/process.h"
#include "util/cleanup.h"
#include "util/id_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_controller(const char *mountinfo, const char *groups, const char *controller)
{
	struct cgroup_path group;

	if (cgroup_path_find(mountinfo, groups, controller, &group) < 0)
		return;
	if (strncmp(group.path, group.mount, strlen(group.mount)) != 0)
		abort();
}

static void try_scope(const char *path)
{
	char unit[NAME_MAX + 1];

	if (cgroup_path_scope(path, unit) == 0 &&
	    (strchr(unit, '/') != NULL || strstr(path, unit) == NULL))
		abort();
}

static void try_limit(const char *text)
{
	struct cpu_limit limit = { 0 }, before = { 1, 1000000 };

	/* The least that there is stays, and no time at all is no limit. */
	if (cpu_limit_tighten(&limit, text) == 0 && limit.quota != 0 && limit.period == 0)
		abort();
	if (cpu_limit_tighten(&before, text) == 0 && before.quota != 1)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *text = calloc(1, size + 2);
	uint64_t start;
	uint32_t id;
	pid_t parent;
	char state;

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	try_controller(text, text + strlen(text) + 1, "devices");
	try_controller(text, text + strlen(text) + 1, CGROUP_UNIFIED);
	try_scope(text);
	try_limit(text);
	(void)id_map_find(text, 7, &id);
	(void)process_parse_stat(text, &parent, &start, &state);
	return 0;
}
