/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/front/edit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
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

/* The nonce of a hook that we entered; NULL: it is not ours. */
static const char *nonce_of(json_t *hook)
{
	json_t *word;
	size_t i;

	json_array_foreach(json_object_get(hook, "args"), i, word)
	{
		if (json_is_string(word) &&
		    strncmp(json_string_value(word), MARK, strlen(MARK)) == 0)
			return json_string_value(word) + strlen(MARK);
	}
	return NULL;
}

static bool is_marked(json_t *hook)
{
	return nonce_of(hook) != NULL;
}

static int enter_hooks(json_t *hooks, const struct edit *edit, struct error *err)
{
	cleanup_json json_t *words = json_copy(edit->words);

	if (json_array_append_new(words, json_sprintf(MARK "%s", edit->nonce)) < 0)
		return error_set(err, ENOMEM, "hooks");
	return own_hooks_enter(hooks, edit->program, words, is_marked, err);
}

static int change_hooks(struct change *change, const struct edit *edit, struct error *err)
{
	cleanup_json json_t *hooks = NULL;
	int r;

	r = rewrite_read(change->text, hooks_path, &hooks, err);
	if (r < 0 || (hooks == NULL && edit->nonce == NULL))
		return r;
	if (hooks == NULL)
		hooks = json_object();
	if (edit->nonce == NULL)
		own_hooks_remove(hooks, edit->program, is_marked);
	else
		r = enter_hooks(hooks, edit, err);
	return r < 0 ? r : write_part(change, hooks_path, hooks, err);
}

bool edit_is_entered(json_t *json, const char *program)
{
	json_t *hooks = NULL;

	return member_find(json, "hooks", &hooks, NULL) == 0 &&
	       own_hooks_find(hooks, program, is_marked) != NULL;
}

/* --- rules ----------------------------------------------------------------------------------- */

/* Reads a rule in the form that we write; false: it is another one. */
static bool read_rule(json_t *rule, struct device_number *ret)
{
	const char *type = json_string_value(json_object_get(rule, "type"));
	const char *access = json_string_value(json_object_get(rule, "access"));
	json_t *major = json_object_get(rule, "major"), *minor = json_object_get(rule, "minor");

	ret->major = (uint32_t)json_integer_value(major);
	ret->minor = (uint32_t)json_integer_value(minor);
	return json_is_true(json_object_get(rule, "allow")) && type != NULL &&
	       strcmp(type, "c") == 0 && access != NULL && strcmp(access, ACCESS) == 0 &&
	       json_is_integer(major) && json_is_integer(minor);
}

/* The annotation is a nonce, followed by a blank and MAJOR:MINOR for each rule. */
static bool is_noted(const char *annotation, const struct device_number *number)
{
	char word[32];
	int len = snprintf(word, sizeof(word), " %u:%u", number->major, number->minor);

	for (const char *at = strstr(annotation, word); at != NULL; at = strstr(at + 1, word)) {
		if (at[len] == ' ' || at[len] == '\0')
			return true;
	}
	return false;
}

/* Removes the noted rules: their numbers may belong to another container by now. */
static void remove_rules(json_t *rules, const char *annotation)
{
	for (size_t i = json_array_size(rules); i-- > 0;) {
		struct device_number number;

		if (read_rule(json_array_get(rules, i), &number) && is_noted(annotation, &number))
			(void)json_array_remove(rules, i);
	}
}

static int add_rule(json_t *rules, const struct device_number *number)
{
	return json_array_append_new(rules,
				     json_pack("{s:b, s:s, s:I, s:I, s:s}", "allow", 1, "type", "c",
					       "major", (json_int_t)number->major, "minor",
					       (json_int_t)number->minor, "access", ACCESS));
}

static int add_rules(json_t *rules, const struct device_number *numbers, size_t count,
		     struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (add_rule(rules, &numbers[i]) < 0)
			return error_set(err, ENOMEM, "devices");
	}
	return 0;
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
	if (rules == NULL && edit->count == 0)
		return 0;
	if (rules == NULL)
		rules = json_array();
	if (!json_is_array(rules))
		return error_say(err, EINVAL, "linux.resources.devices is not an array");
	if (old != NULL)
		remove_rules(rules, old);
	r = add_rules(rules, edit->numbers, edit->count, err);
	return r < 0 ? r : write_part(change, devices_path, rules, err);
}

/* --- the annotation -------------------------------------------------------------------------- */

static json_t *format_note(const struct edit *edit)
{
	cleanup_json json_t *note = json_string(edit->nonce);

	for (size_t i = 0; note != NULL && i < edit->count; i++) {
		json_t *more = json_sprintf("%s %u:%u", json_string_value(note),
					    edit->numbers[i].major, edit->numbers[i].minor);

		json_decref(note);
		note = more;
	}
	return take_ptr(note);
}

static int change_annotation(struct change *change, const struct edit *edit, struct error *err)
{
	cleanup_json json_t *annotations = NULL;
	int r;

	r = rewrite_read(change->text, annotations_path, &annotations, err);
	if (r < 0 || (annotations == NULL && edit->nonce == NULL))
		return r;
	if (annotations == NULL)
		annotations = json_object();
	if (!json_is_object(annotations))
		return error_say(err, EINVAL, "annotations is not an object");
	(void)json_object_del(annotations, ANNOTATION_LEASE);
	if (edit->nonce != NULL &&
	    json_object_set_new(annotations, ANNOTATION_LEASE, format_note(edit)) < 0)
		return error_set(err, ENOMEM, "annotations");
	return write_part(change, annotations_path, annotations, err);
}

/* Whether NOTE was written together with HOOK. */
static bool belong_together(const char *note, json_t *hook)
{
	const char *nonce = nonce_of(hook);

	return nonce != NULL && nonce[0] != '\0' && annotation_has_nonce(note, nonce);
}

/* What an earlier call noted; NULL: nothing. */
static int read_old(const char *text, const struct edit *edit, json_t **ret, struct error *err)
{
	cleanup_json json_t *annotations = NULL, *hooks = NULL;
	json_t *note;
	int r = rewrite_read(text, annotations_path, &annotations, err);

	if (r == 0)
		r = rewrite_read(text, hooks_path, &hooks, err);
	if (r < 0)
		return r;
	note = json_object_get(annotations, ANNOTATION_LEASE);
	if (belong_together(json_string_value(note),
			    own_hooks_find(hooks, edit->program, is_marked)))
		*ret = json_incref(note);
	return 0;
}

int edit_text(const char *text, const struct edit *edit, char **ret, struct error *err)
{
	cleanup_json json_t *old = NULL;
	struct change change = { .text = strdup(text) };
	int r;

	r = change.text != NULL ? read_old(text, edit, &old, err)
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
	r = add_rules(rules, numbers, count, err);
	return r < 0 ? r : rewrite_member(text, path, rules, ret, err);
}
