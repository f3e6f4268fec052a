/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/inject.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/config/container.h"
#include "runtime/config/parts.h"
#include "runtime/config/members.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/dir.h"
#include "util/file.h"

#define CONFIG "config.json"

static json_t *make_hook(const char *program, json_t *args, const char *stage)
{
	json_t *words = json_array();

	if (json_array_append_new(words, json_string("vtpm-hook")) < 0 ||
	    json_array_extend(words, args) < 0 ||
	    json_array_append_new(words, json_string(stage)) < 0) {
		json_decref(words);
		return NULL;
	}
	return json_pack("{s:s, s:o}", "path", program, "args", words);
}

static void remove_own(json_t *list, const char *program)
{
	for (size_t i = json_array_size(list); i-- > 0;) {
		json_t *path = json_object_get(json_array_get(list, i), "path");

		if (json_is_string(path) && strcmp(json_string_value(path), program) == 0)
			(void)json_array_remove(list, i);
	}
}

static int add_hook(json_t *hooks, const char *program, json_t *args, const char *stage,
		    struct error *err)
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
	remove_own(list, program);
	if (json_array_append_new(list, make_hook(program, args, stage)) < 0)
		return error_set(err, ENOMEM, "%s", stage);
	return 0;
}

/* Where in a text a new value goes, in the place of the one that is there. */
struct gap {
	const char *start, *end;
	bool found; /* there is one */
};

static const char *trim(const char *start, const char *end)
{
	while (end > start && strchr(JSON_BLANKS, end[-1]) != NULL)
		end--;
	return end;
}

/* TEXT is known to be an object. */
static void find_gap(const char *text, const char *name, struct gap *ret)
{
	const char *end, *value = part_member(text + strcspn(text, "{"), name, &end);

	if (value != NULL)
		*ret = (struct gap){ .start = value,
				     .end = trim(value, part_end(value)),
				     .found = true };
	else
		*ret = (struct gap){ .start = trim(text, end), .end = end };
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

/* The hooks that are there, or none yet. Only these are written anew, so only these must be exact.
 */
static int read_hooks(const struct gap *gap, json_t **ret, struct error *err)
{
	json_error_t why;

	if (!gap->found || strncmp(gap->start, "null", 4) == 0) {
		*ret = json_object();
		return *ret == NULL ? error_set(err, ENOMEM, "hooks") : 0;
	}
	*ret = json_loadb(gap->start, (size_t)(gap->end - gap->start),
			  JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (*ret == NULL)
		return error_say(err, EINVAL, "hooks: %s", why.text);
	if (has_real(*ret))
		return error_say(err, EINVAL,
				 "hooks has a number that is no integer and might be changed");
	return 0;
}

static int format_hooks(json_t *hooks, const char *program, json_t *args, char **ret,
			struct error *err)
{
	int r;

	r = add_hook(hooks, program, args, "createRuntime", err);
	if (r == 0)
		r = add_hook(hooks, program, args, "poststop", err);
	if (r < 0)
		return error_prefix(err, r, "hooks");
	*ret = json_dumps(hooks, JSON_INDENT(4));
	return *ret == NULL ? error_set(err, ENOMEM, "hooks") : 0;
}

static int compose(const char *text, bool empty, const struct gap *gap, const char *hooks,
		   char **ret, struct error *err)
{
	int n, before = (int)(gap->start - text);

	if (gap->found)
		n = asprintf(ret, "%.*s%s%s", before, text, hooks, gap->end);
	else
		n = asprintf(ret, "%.*s%s\n\"hooks\": %s\n%s", before, text, empty ? "" : ",",
			     hooks, gap->end);
	return n < 0 ? error_set(err, ENOMEM, "write hooks") : 0;
}

int inject_text(const char *text, const char *program, json_t *args, char **ret, struct error *err)
{
	cleanup_json json_t *json = NULL, *hooks = NULL;
	cleanup_free char *written = NULL;
	json_t *known = NULL;
	struct gap gap;
	int r;

	r = object_parse(text, strlen(text), &json, err);
	if (r == 0)
		r = member_find(json, "hooks", &known, err);
	if (r < 0)
		return r;
	find_gap(text, "hooks", &gap);
	if (known != NULL && !gap.found)
		return error_say(err, EINVAL, "the name of hooks is written with an escape");
	r = read_hooks(&gap, &hooks, err);
	if (r == 0)
		r = format_hooks(hooks, program, args, &written, err);
	return r < 0 ? r : compose(text, json_object_size(json) == 0, &gap, written, ret, err);
}

static int write_config(int dir, const char *name, const char *text, const struct stat *old,
			struct error *err)
{
	int r;

	r = replace_file(dir, name, text, strlen(text), old->st_mode & 07777);
	if (r == 0 && fchownat(dir, name, old->st_uid, old->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	return r < 0 ? error_set(err, -r, "write %s", name) : 0;
}

/* Where the file really is, so that a link to it stays one; it is in DIR then, which is opened. */
static int find_config(const char *bundle, char path[static PATH_MAX], int *dir, const char **name)
{
	char link[PATH_MAX];

	if (snprintf(link, sizeof(link), "%s/" CONFIG, bundle) >= (int)sizeof(link))
		return -ENAMETOOLONG;
	if (realpath(link, path) == NULL)
		return -errno;
	return open_parent(path, dir, name);
}

int inject_hooks(const char *bundle, const char *program, json_t *args, struct error *err)
{
	cleanup_free char *text = NULL, *changed = NULL;
	cleanup_close int dir = -1;
	char path[PATH_MAX];
	const char *name;
	struct stat st;
	size_t len;
	int r;

	r = find_config(bundle, path, &dir, &name);
	if (r == 0 && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	if (r == 0 && !S_ISREG(st.st_mode))
		r = -EINVAL;
	if (r == 0)
		r = read_file(dir, name, CONTAINER_CONFIG_MAX, &text, &len);
	if (r == 0 && strlen(text) != len) /* what follows a NUL would be lost */
		r = -EINVAL;
	if (r < 0)
		return error_set(err, -r, "read %s/" CONFIG, bundle);
	r = inject_text(text, program, args, &changed, err);
	if (r < 0)
		return error_prefix(err, r, "%s/" CONFIG, bundle);
	return write_config(dir, name, changed, &st, err);
}
