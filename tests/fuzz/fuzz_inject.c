/* SPDX-License-Identifier: BSD-3-Clause */
/* A config.json that hooks are added to, or passwords hidden in: the rest means what it meant. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/config/inject.h"
#include "runtime/config/members.h"
#include "runtime/config/hide_passwords.h"
#include "tests/fuzz/parse.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void remove_hooks(json_t *json)
{
	json_t *hooks = NULL;
	const char *key;
	void *next;

	if (member_find(json, "hooks", &hooks, NULL) < 0)
		abort();
	json_object_foreach_safe(json, next, key, hooks)
	{
		if (strcasecmp(key, "hooks") == 0)
			(void)json_object_del(json, key);
	}
}

static void check_inject(const char *text)
{
	cleanup_json json_t *args = json_array(), *before = NULL, *after = NULL;
	cleanup_free char *changed = NULL;

	if (inject_text(text, "/p", args, &changed, NULL) < 0)
		return;
	before = fuzz_parse(text);
	after = fuzz_parse(changed);
	remove_hooks(before);
	remove_hooks(after);
	if (!json_equal(before, after))
		abort();
}

static void check_hide(char *text)
{
	cleanup_json json_t *json = NULL, *after = NULL;
	size_t len = strlen(text);

	if (object_parse(text, len, &json, NULL) < 0)
		return;
	if (hide_passwords_in(text) < 0 || strlen(text) != len)
		abort();
	after = fuzz_parse(text);
	if (json_object_size(after) != json_object_size(json))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *text = strndup(size > 0 ? (const char *)data : "", size);

	if (text == NULL)
		return 0;
	check_inject(text);
	check_hide(text);
	return 0;
}
