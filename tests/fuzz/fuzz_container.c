/* SPDX-License-Identifier: BSD-3-Clause */
/* A config.json: what is accepted is safe to make names, paths and numbers of. */
#include <stdlib.h>
#include <string.h>

#include "runtime/config/admin.h"
#include "runtime/config/container.h"
#include "runtime/config/entry.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(const char *message)
{
	if (message[0] == '\0')
		abort();
}

static bool is_in_dev(const char *path)
{
	return strncmp(path, "/dev/", 5) == 0 && strlen(path) > 5 && path[5] != '.' &&
	       strchr(path + 5, '/') == NULL;
}

static void check(const struct vtpm_entry *entry)
{
	for (size_t i = 0; i < entry->node_count; i++) {
		if (!is_in_dev(entry->paths[i]))
			abort();
	}
	if (entry->state_path != NULL && (entry->state_path[0] != '/' || entry->name == NULL))
		abort();
	if (entry->name != NULL && (entry->name[0] == '\0' || strchr(entry->name, '/') != NULL))
		abort();
	if (entry->major > 511 || entry->minor > 0xfffff ||
	    (entry->minor >= 0 && entry->major <= 0))
		abort();
}

static void check_all(const struct container *container, bool lenient)
{
	struct admin_config admin = { .resource_manager = true, .ignore_errors = lenient };
	cleanup_free struct vtpm_entry *entries = NULL;
	struct error *not_interested = NULL;
	size_t count;

	if (container_entries(container, &admin, ignore, &entries, &count, not_interested) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		check(&entries[i]);
		for (size_t j = 0; j < i; j++) {
			if (strcmp(entries[i].paths[0], entries[j].paths[0]) == 0)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct container container;

	if (container_parse((const char *)data, size, &container, NULL) < 0)
		return 0;
	check_all(&container, false);
	check_all(&container, true);
	container_done(&container);
	return 0;
}
