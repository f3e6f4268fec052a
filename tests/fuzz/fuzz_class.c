/* SPDX-License-Identifier: BSD-3-Clause */
/* A class: of what is accepted an entry can be made, whatever the container. */
#include <stdlib.h>
#include <string.h>

#include "runtime/config/admin.h"
#include "runtime/config/class.h"
#include "runtime/config/members.h"
#include "runtime/config/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_entry(const struct vtpm_class *class)
{
	static const struct admin_config admin = { .resource_manager = true };
	const char *state_path = class_is_running_vtpm(class) ? NULL : "/s/x";
	cleanup_json json_t *json = class_entry(class, "17", state_path, 1000, 1000);
	struct vtpm_entry entry;

	if (json == NULL || vtpm_entry_parse(json, &admin, &entry, NULL) < 0)
		abort();
	if (strcmp(entry.paths[0], "/dev/tpm17") != 0 || entry.major >= 0 || entry.minor >= 0)
		abort();
	if ((state_path == NULL) != (entry.state_path == NULL) || entry.uid < 0 || entry.gid < 0)
		abort();
	if (entry.state_is_managed != (class->life != LIFE_RUN))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct class_asker image = { .root = "/run/runc", .by_annotation = true };
	struct vtpm_class class;

	if (class_parse("x", (const char *)data, size, &class, NULL) < 0)
		return 0;
	check_entry(&class);
	if (class_admits(&class, &image, NULL) == 0 && (class.life != LIFE_RUN || class.max == 0))
		abort();
	(void)class_has_password(&class);
	class_done(&class);
	return 0;
}
