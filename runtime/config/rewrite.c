/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/rewrite.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/config/members.h"
#include "runtime/config/parts.h"
#include "util/cleanup.h"
#include "util/error.h"

/* Where a value goes in a text; from START to END is what it replaces. */
struct gap {
	const char *start, *end;
	bool found; /* it replaces a value */
	bool first; /* it is new, and the object has no other member */
};

static const char *trim(const char *start, const char *end)
{
	while (end > start && strchr(JSON_BLANKS, end[-1]) != NULL)
		end--;
	return end;
}

/* OBJECT begins with its brace. */
static struct gap find_gap(const char *object, const char *name)
{
	const char *end, *value = part_member(object, name, &end);
	const char *start;

	if (value != NULL)
		return (struct gap){ .start = value,
				     .end = trim(value, part_end(value)),
				     .found = true };
	start = trim(object, end);
	return (struct gap){ .start = start, .end = end, .first = start == object + 1 };
}

static bool is_null(const struct gap *gap)
{
	return gap->found && strncmp(gap->start, "null", 4) == 0;
}

/*
 * Descends along PATH as far as objects exist. *PATH is then the rest, at least one name, and the
 * gap is the place of the first of these.
 */
static struct gap descend(const char *text, member_path *path)
{
	const char *object = text + strcspn(text, "{");
	struct gap gap = find_gap(object, **path);

	while ((*path)[1] != NULL && gap.found && *gap.start == '{') {
		object = gap.start;
		(*path)++;
		gap = find_gap(object, **path);
	}
	return gap;
}

static bool has_real(json_t *json)
{
	const char *key;
	json_t *part;
	size_t i;

	json_object_foreach(json, key, part)
	{
		if (has_real(part))
			return true;
	}
	json_array_foreach(json, i, part)
	{
		if (has_real(part))
			return true;
	}
	return json_is_real(json);
}

/* Looks up PATH in parsed JSON; *DEPTH gets how many of its names exist and are not null. */
static int find_parsed(json_t *json, member_path path, json_t **ret, size_t *depth,
		       struct error *err)
{
	*depth = 0;
	for (*ret = json; *ret != NULL && *path != NULL; path++) {
		json_t *inner = NULL;
		int r = member_find(*ret, *path, &inner, err);

		if (r < 0)
			return r;
		*depth += inner != NULL;
		*ret = inner;
	}
	return 0;
}

static int load_part(const struct gap *gap, const char *name, json_t **ret, struct error *err)
{
	cleanup_json json_t *part = NULL;
	json_error_t why;

	part = json_loadb(gap->start, (size_t)(gap->end - gap->start),
			  JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (part == NULL)
		return error_say(err, EINVAL, "%s: %s", name, why.text);
	if (has_real(part))
		return error_say(err, EINVAL,
				 "%s has a number that is no integer and might be changed", name);
	*ret = take_ptr(part);
	return 0;
}

int rewrite_read(const char *text, member_path path, json_t **ret, struct error *err)
{
	cleanup_json json_t *json = NULL;
	member_path rest = path;
	json_t *parsed = NULL;
	struct gap gap;
	size_t depth = 0;
	int r;

	r = object_parse(text, strlen(text), &json, err);
	if (r == 0)
		r = find_parsed(json, path, &parsed, &depth, err);
	if (r < 0)
		return r;
	gap = descend(text, &rest);
	if (depth != (size_t)(rest - path) + (gap.found && !is_null(&gap)))
		return error_say(err, EINVAL, "the name of %s is written with an escape", rest[0]);
	*ret = NULL;
	return parsed == NULL ? 0 : load_part(&gap, rest[0], ret, err);
}

/* Wraps VALUE in objects for all names of PATH but the first. */
static json_t *wrap(member_path path, json_t *value)
{
	if (path[1] == NULL)
		return json_incref(value);
	return json_pack("{s:o}", path[1], wrap(path + 1, value));
}

int rewrite_member(const char *text, member_path path, json_t *value, char **ret, struct error *err)
{
	struct gap gap = descend(text, &path);
	cleanup_json json_t *wrapped = wrap(path, value);
	cleanup_free char *written = json_dumps(wrapped, JSON_INDENT(4) | JSON_ENCODE_ANY);
	int n, before = (int)(gap.start - text);

	if (written == NULL)
		return error_set(err, ENOMEM, "write %s", path[0]);
	if (gap.found && path[1] != NULL && !is_null(&gap))
		return error_say(err, EINVAL, "%s is not an object", path[0]);
	if (gap.found)
		n = asprintf(ret, "%.*s%s%s", before, text, written, gap.end);
	else
		n = asprintf(ret, "%.*s%s\n\"%s\": %s\n%s", before, text, gap.first ? "" : ",",
			     path[0], written, gap.end);
	return n < 0 ? error_set(err, ENOMEM, "write %s", path[0]) : 0;
}
