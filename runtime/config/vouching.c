/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/vouching.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "util/bytes.h"
#include "util/error.h"

#define DEVICE "/dev/tpmrm0"
#define REGISTERS "sha256:0,1,2,3,4,5,6,7"

static int member_device(const struct member_spec *spec, json_t *value, void *field,
			 struct error *err)
{
	const char *path = json_string_value(value);

	if (path == NULL || path[0] != '/' || strlen(path) >= PATH_MAX)
		return error_say(err, EINVAL, "%s is not an absolute path", spec->name);
	*(const char **)field = path;
	return 0;
}

static int member_key(const struct member_spec *spec, json_t *value, void *field, struct error *err)
{
	const char *text = json_string_value(value);
	unsigned long handle;

	if (text == NULL || strncmp(text, "0x81", 4) != 0 || strlen(text) != 10 ||
	    number_parse(text + 2, 16, UINT32_MAX, &handle) < 0)
		return error_say(err, EINVAL, "%s is not a persistent handle such as 0x81000000",
				 spec->name);
	*(uint32_t *)field = (uint32_t)handle;
	return 0;
}

static int member_registers(const struct member_spec *spec, json_t *value, void *field,
			    struct error *err)
{
	struct vouching *vouching = field;
	const char *text = json_string_value(value);
	int r;

	if (text == NULL)
		return error_say(err, EINVAL, "%s is not a text", spec->name);
	r = pcr_selection_parse(text, vouching->selections, &vouching->count, err);
	return r < 0 ? error_prefix(err, r, "%s", spec->name) : 0;
}

static const struct member_spec members[] = {
	{ "device", member_device, offsetof(struct vouching, device), 0, 0 },
	{ "key", member_key, offsetof(struct vouching, key), 0, 0 },
	{ "registers", member_registers, 0, 0, 0 },
	{ NULL, NULL, 0, 0, 0 },
};

int member_vouching(const struct member_spec *spec, json_t *value, void *field, struct error *err)
{
	struct vouching vouching = { .wanted = !json_is_false(value), .device = DEVICE };
	int r;

	if (!json_is_boolean(value) && !json_is_object(value))
		return error_say(err, EINVAL, "%s is neither true, false nor an object",
				 spec->name);
	r = pcr_selection_parse(REGISTERS, vouching.selections, &vouching.count, err);
	if (r == 0 && json_is_object(value))
		r = members_read(value, members, &vouching, err);
	if (r < 0)
		return error_prefix(err, r, "%s", spec->name);
	*(struct vouching *)field = vouching;
	return 0;
}
