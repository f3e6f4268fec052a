/* SPDX-License-Identifier: BSD-3-Clause */
/* What a server may take: what was read is within bounds, and written and read again is the same.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/config/resources.h"
#include "tests/fuzz/parse.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_good(const struct resources *resources)
{
	return resources->quota >= -1 && (resources->quota == 0) == (resources->period == 0) &&
	       (resources->memory == 0 || resources->memory >= 16 << 20) &&
	       resources->io.count <= IO_DEVICES_MOST;
}

static char *read_and_write(const char *text, size_t len)
{
	static const struct member_spec spec = { .name = "resources" };
	struct resources resources = { 0 };
	cleanup_json json_t *json = NULL, *back = NULL;

	if (object_parse(text, len, &json, NULL) < 0 ||
	    member_resources(&spec, json, &resources, NULL) < 0)
		return NULL;
	if (!is_good(&resources))
		abort();
	back = resources_format(&resources);
	return json_dumps(back, JSON_COMPACT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *text = read_and_write((const char *)data, size), *again = NULL;

	if (text == NULL)
		return 0;
	again = read_and_write(text, strlen(text));
	if (again == NULL || strcmp(text, again) != 0)
		abort();
	return 0;
}
