/* SPDX-License-Identifier: BSD-3-Clause */
/* A config.json that vtpm-runtime edits: what is not ours means what it meant, and no rule is lost.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/config/members.h"
#include "runtime/front/edit.h"
#include "tests/fuzz/parse.h"
#include "util/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void remove_member(json_t *json, const char *name)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(json, next, key, value)
	{
		if (strcasecmp(key, name) == 0)
			(void)json_object_del(json, key);
	}
}

static void check_edit(const char *text)
{
	cleanup_json json_t *words = json_array(), *before = NULL, *after = NULL;
	const struct edit edit = { .program = "/p", .words = words, .nonce = "n" };
	cleanup_free char *changed = NULL;
	json_t *annotations = NULL;

	if (edit_text(text, &edit, &changed, NULL) < 0)
		return;
	before = fuzz_parse(text);
	after = fuzz_parse(changed);
	if (member_find(after, "annotations", &annotations, NULL) < 0 ||
	    json_object_get(annotations, ANNOTATION_LEASE) == NULL)
		abort();
	remove_member(before, "hooks");
	remove_member(after, "hooks");
	remove_member(before, "annotations");
	remove_member(after, "annotations");
	remove_member(before, "linux");
	remove_member(after, "linux");
	if (!json_equal(before, after))
		abort();
}

static void check_resources(const char *text)
{
	static const struct device_number number = { 120, 7 };
	cleanup_json json_t *before = NULL, *after = NULL;
	cleanup_free char *changed = NULL;
	json_t *old = NULL, *new = NULL;
	size_t count;

	if (edit_resources(text, &number, 1, &changed, NULL) < 0)
		return;
	before = fuzz_parse(text);
	after = fuzz_parse(changed);
	if (member_find(before, "devices", &old, NULL) < 0 ||
	    member_find(after, "devices", &new, NULL) < 0)
		abort();
	count = json_array_size(old);
	if (json_array_size(new) != (count > 0 ? count + 1 : 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *text = strndup(size > 0 ? (const char *)data : "", size);

	if (text == NULL)
		return 0;
	check_edit(text);
	check_resources(text);
	return 0;
}
