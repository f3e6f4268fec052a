/* SPDX-License-Identifier: BSD-3-Clause */
/* What is measured of a configuration is the same each time, and a launch's to say. */
#include <stdlib.h>
#include <string.h>

#include "runtime/config/entry.h"
#include "runtime/config/measure.h"
#include "runtime/config/members.h"
#include "verify/log/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int measure(json_t *config, struct cel_list *list)
{
	static const struct vtpm_entry entry = { .paths = { "/dev/tpm0" }, .node_count = 1 };
	const struct measure_request request = {
		.config = config, .id = "0a1b", .entries = &entry, .count = 1
	};

	return measure_config(&request, list, NULL);
}

static void check_list(const struct cel_list *list)
{
	struct cel_event event;
	size_t at = 0;
	int r;

	while ((r = cel_list_next(list->bytes, list->len, &at, &event)) == 1) {
		if (!cel_event_is_of_launch(&event) || event.pcr != CEL_PCR_CONTAINER)
			abort();
	}
	if (r < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cel_list list = { 0 }, again = { 0 };
	cleanup_json json_t *config = NULL;

	if (object_parse((const char *)data, size, &config, NULL) < 0)
		return 0;
	if (measure(config, &list) == 0) {
		check_list(&list);
		if (measure(config, &again) < 0 || list.len != again.len ||
		    memcmp(list.bytes, again.bytes, list.len) != 0)
			abort();
	}
	cel_list_done(&list);
	cel_list_done(&again);
	return 0;
}
