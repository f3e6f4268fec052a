/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/cdi.h"

#include <errno.h>
#include <string.h>

#include "runtime/config/members.h"
#include "runtime/config/own_hook.h"
#include "runtime/config/request.h"
#include "util/cdi_host.h"
#include "util/cleanup.h"
#include "util/error.h"

bool cdi_can_name(const char *class)
{
	return class_name_is_valid(class) && cdi_name_is_valid(class);
}

bool cdi_has_device(const char *text, size_t len, const char *name)
{
	cleanup_json json_t *file = json_loadb(text, len, 0, NULL);
	const char *kind = json_string_value(json_object_get(file, "kind"));
	json_t *device;
	size_t i;

	if (kind == NULL || strcmp(kind, CDI_KIND) != 0)
		return false;
	json_array_foreach(json_object_get(file, "devices"), i, device)
	{
		const char *other = json_string_value(json_object_get(device, "name"));

		if (other != NULL && strcmp(other, name) == 0)
			return true;
	}
	return false;
}

/* NULL: no memory. */
static json_t *make_hook(const char *class, const char *program, json_t *args, const char *stage)
{
	cleanup_json json_t *words = args != NULL ? json_copy(args) : json_array(), *hook = NULL;

	if (words == NULL || json_array_append_new(words, json_sprintf("--class=%s", class)) < 0)
		return NULL;
	hook = own_hook(program, words, stage);
	if (hook == NULL || json_object_set_new(hook, "hookName", json_string(stage)) < 0)
		return NULL;
	return take_ptr(hook);
}

static json_t *make_device(const char *class, const char *program, json_t *args)
{
	return json_pack("{s:s, s:{s:[o, o]}}", "name", class, "containerEdits", "hooks",
			 make_hook(class, program, args, "createRuntime"),
			 make_hook(class, program, args, "poststop"));
}

int cdi_format(const char *const *classes, size_t count, const char *program, json_t *args,
	       char **ret, struct error *err)
{
	cleanup_json json_t *devices = json_array(), *file = NULL;

	for (size_t i = 0; i < count; i++) {
		if (json_array_append_new(devices, make_device(classes[i], program, args)) < 0)
			return error_set(err, ENOMEM, "describe the classes");
	}
	file = json_pack("{s:s, s:s, s:O}", "cdiVersion", CDI_VERSION, "kind", CDI_KIND, "devices",
			 devices);
	*ret = file != NULL ? json_dumps(file, JSON_INDENT(4)) : NULL;
	return *ret == NULL ? error_set(err, ENOMEM, "describe the classes") : 0;
}
