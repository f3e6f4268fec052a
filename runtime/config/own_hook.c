/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/own_hook.h"

#include <errno.h>
#include <string.h>

#include "runtime/config/members.h"
#include "runtime/config/request.h"
#include "util/error.h"

#define PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Seconds; making keys and certificates of many TPMs may take long. */
#define TIMEOUT 120

json_t *own_hook(const char *program, json_t *args, const char *stage)
{
	cleanup_json json_t *words = json_pack("[s]", "vtpm-hook");

	if (json_array_extend(words, args) < 0 ||
	    json_array_append_new(words, json_string(stage)) < 0)
		return NULL;
	return json_pack("{s:s, s:O, s:[s], s:i}", "path", program, "args", words, "env", PATH,
			 "timeout", TIMEOUT);
}

int own_hook_add_classes(json_t *words, const struct class_requests *classes)
{
	for (size_t i = 0; i < classes->count; i++) {
		const struct class_request *one = &classes->list[i];

		if (json_array_append_new(words, json_sprintf("--class=%s%s%s", one->class,
							      one->device[0] != '\0' ? ":" : "",
							      one->device)) < 0)
			return -ENOMEM;
	}
	return 0;
}

static const char *const stages[] = { "createRuntime", "poststop" };

#define STAGES (sizeof(stages) / sizeof(stages[0]))

static bool is_of(json_t *hook, const char *program, own_hook_is_old *is_old)
{
	const char *path = json_string_value(json_object_get(hook, "path"));

	return path != NULL && strcmp(path, program) == 0 && (is_old == NULL || is_old(hook));
}

static void remove_old(json_t *list, const char *program, own_hook_is_old *is_old)
{
	for (size_t i = json_array_size(list); i-- > 0;) {
		if (is_of(json_array_get(list, i), program, is_old))
			(void)json_array_remove(list, i);
	}
}

static int enter_one(json_t *hooks, const char *program, json_t *args, own_hook_is_old *is_old,
		     const char *stage, struct error *err)
{
	json_t *list = NULL;
	int r;

	r = member_find(hooks, stage, &list, err);
	if (r < 0)
		return r;
	if (list == NULL) {
		list = json_array();
		if (json_object_set_new(hooks, stage, list) < 0)
			return error_set(err, ENOMEM, "%s", stage);
	}
	if (!json_is_array(list))
		return error_say(err, EINVAL, "%s is not an array", stage);
	remove_old(list, program, is_old);
	if (json_array_append_new(list, own_hook(program, args, stage)) < 0)
		return error_set(err, ENOMEM, "%s", stage);
	return 0;
}

int own_hooks_enter(json_t *hooks, const char *program, json_t *args, own_hook_is_old *is_old,
		    struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < STAGES; i++)
		r = enter_one(hooks, program, args, is_old, stages[i], err);
	return r < 0 ? error_prefix(err, r, "hooks") : 0;
}

void own_hooks_remove(json_t *hooks, const char *program, own_hook_is_old *is_old)
{
	for (size_t i = 0; i < STAGES; i++) {
		json_t *list = NULL;

		if (member_find(hooks, stages[i], &list, NULL) == 0)
			remove_old(list, program, is_old);
	}
}

json_t *own_hooks_find(json_t *hooks, const char *program, own_hook_is_old *is_old)
{
	for (size_t i = 0; i < STAGES; i++) {
		json_t *list = NULL, *hook;
		size_t j;

		if (member_find(hooks, stages[i], &list, NULL) < 0)
			continue;
		json_array_foreach(list, j, hook)
		{
			if (is_of(hook, program, is_old))
				return hook;
		}
	}
	return NULL;
}
