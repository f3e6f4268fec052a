/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/front/edit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/config/members.h"
#include "runtime/config/own_hook.h"
#include "runtime/config/rewrite.h"
#include "util/cleanup.h"
#include "util/error.h"

/* Opening is all that a container does with its devices: the runtime or the hook makes the nodes.
 */
#define ACCESS "rw"

#define MARK "--lease="

static const char *const hooks_path[] = { "hooks", NULL };
static const char *const annotations_path[] = { "annotations", NULL };
static const char *const devices_path[] = { "linux", "resources", "devices", NULL };

/* A text that is changed step by step. */
struct change {
	char *text;
};

static int write_part(struct change *change, member_path path, json_t *value, struct error *err)
{
	char *text;
	int r = rewrite_member(change->text, path, value, &text, err);

	if (r < 0)
		return r;
	free(change->text);
	change->text = text;
	return 0;
}

/* --- hooks ----------------------------------------------------------------------------------- */

static bool is_marked(json_t *hook)
{
	json_t *word;
	size_t i;

	json_array_foreach(json_object_get(hook, "args"), i, word)
	{
		if (json_is_string(word) &&
		    strncmp(json_string_value(word), MARK, strlen(MARK)) == 0)
			return true;
	}
	return false;
}

static int change_hooks(struct change *change, const struct edit *edit, struct error *err)
{
	cleanup_json json_t *hooks = NULL, *words = json_copy(edit->words);
	int r;

	r = rewrite_read(change->text, hooks_path, &hooks, err);
	if (r < 0)
		return r;
	if (hooks == NULL)
		hooks = json_object();
	if (json_array_append_new(words, json_sprintf(MARK "%s", edit->nonce)) < 0)
		return error_set(err, ENOMEM, "hooks");
	r = own_hooks_enter(hooks, edit->program, words, is_marked, err);
	return r < 0 ? r : write_part(change, hooks_path, hooks, err);
}

/* --- rules ----------------------------------------------------------------------------------- */

/* A rule as we write them, for a device of MAJOR. */
static bool is_rule(json_t *rule, uint32_t major)
{
	const char *type = json_string_value(json_object_get(rule, "type"));
	const char *access = json_string_value(json_object_get(rule, "access"));

	return json_is_true(json_object_get(rule, "allow")) && type != NULL &&
	       strcmp(type, "c") == 0 && access != NULL && strcmp(access, ACCESS) == 0 &&
	       json_integer_value(json_object_get(rule, "major")) == major &&
	       json_is_integer(json_object_get(rule, "minor"));
}

/* Whoever wrote them: a number of ours is another container's by now. */
static void remove_rules(json_t *rules, uint32_t major)
{
	for (size_t i = json_array_size(rules); i-- > 0;) {
		if (is_rule(json_array_get(rules, i), major))
			(void)json_array_remove(rules, i);
	}
}

/* The annotation is a nonce, a blank and the major number of the rules. */
static uint32_t old_major(const char *annotation)
{
	const char *blank = strchr(annotation, ' ');

	return blank != NULL ? (uint32_t)strtoul(blank, NULL, 10) : 0;
}

static int add_rule(json_t *rules, uint32_t major, uint32_t minor)
{
	return json_array_append_new(
		rules, json_pack("{s:b, s:s, s:I, s:I, s:s}", "allow", 1, "type", "c", "major",
				 (json_int_t)major, "minor", (json_int_t)minor, "access", ACCESS));
}

static int change_rules(struct change *change, const struct edit *edit, const char *old,
			struct error *err)
{
	cleanup_json json_t *rules = NULL;
	int r;

	if (edit->count == 0 && old == NULL)
		return 0;
	r = rewrite_read(change->text, devices_path, &rules, err);
	if (r < 0)
		return error_prefix(err, r, "linux.resources");
	if (rules == NULL)
		rules = json_array();
	if (!json_is_array(rules))
		return error_say(err, EINVAL, "linux.resources.devices is not an array");
	if (old != NULL)
		remove_rules(rules, old_major(old));
	remove_rules(rules, edit->major);
	for (size_t i = 0; i < edit->count; i++) {
		if (add_rule(rules, edit->major, edit->minors[i]) < 0)
			return error_set(err, ENOMEM, "linux.resources.devices");
	}
	return write_part(change, devices_path, rules, err);
}

/* --- the annotation -------------------------------------------------------------------------- */

static int change_annotation(struct change *change, const struct edit *edit, struct error *err)
{
	cleanup_json json_t *annotations = NULL;
	int r;

	r = rewrite_read(change->text, annotations_path, &annotations, err);
	if (r < 0)
		return r;
	if (annotations == NULL)
		annotations = json_object();
	if (!json_is_object(annotations))
		return error_say(err, EINVAL, "annotations is not an object");
	if (json_object_set_new(annotations, ANNOTATION_LEASE,
				json_sprintf("%s %u", edit->nonce, edit->major)) < 0)
		return error_set(err, ENOMEM, "annotations");
	return write_part(change, annotations_path, annotations, err);
}

/* What an earlier call noted; NULL: nothing. */
static int read_old(const char *text, json_t **ret, struct error *err)
{
	cleanup_json json_t *annotations = NULL;
	int r = rewrite_read(text, annotations_path, &annotations, err);

	if (r == 0)
		*ret = json_incref(json_object_get(annotations, ANNOTATION_LEASE));
	return r;
}

int edit_text(const char *text, const struct edit *edit, char **ret, struct error *err)
{
	cleanup_json json_t *old = NULL;
	struct change change = { .text = strdup(text) };
	int r;

	r = change.text != NULL ? read_old(text, &old, err)
				: error_set(err, ENOMEM, "change config.json");
	if (r == 0)
		r = change_hooks(&change, edit, err);
	if (r == 0)
		r = change_rules(&change, edit, json_string_value(old), err);
	if (r == 0)
		r = change_annotation(&change, edit, err);
	if (r < 0)
		free(change.text);
	else
		*ret = change.text;
	return r;
}

int edit_resources(const char *text, const struct device_number *numbers, size_t count, char **ret,
		   struct error *err)
{
	static const char *const path[] = { "devices", NULL };
	cleanup_json json_t *rules = NULL;
	int r = rewrite_read(text, path, &rules, err);

	if (r < 0)
		return r;
	if (json_array_size(rules) == 0) {
		*ret = strdup(text);
		return *ret != NULL ? 0 : error_set(err, ENOMEM, "devices");
	}
	for (size_t i = 0; i < count; i++) {
		if (add_rule(rules, numbers[i].major, numbers[i].minor) < 0)
			return error_set(err, ENOMEM, "devices");
	}
	return rewrite_member(text, path, rules, ret, err);
}
