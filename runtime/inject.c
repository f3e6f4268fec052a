/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/inject.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/container.h"
#include "runtime/member.h"
#include "util/cleanup.h"
#include "util/error.h"
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

int inject_into(json_t *config, const char *program, json_t *args, struct error *err)
{
	json_t *hooks = NULL;
	int r;

	r = member_find(config, "hooks", &hooks, err);
	if (r < 0)
		return r;
	if (hooks == NULL) {
		hooks = json_object();
		if (json_object_set_new(config, "hooks", hooks) < 0)
			return error_set(err, ENOMEM, "hooks");
	}
	r = add_hook(hooks, program, args, "createRuntime", err);
	if (r == 0)
		r = add_hook(hooks, program, args, "poststop", err);
	return r < 0 ? error_prefix(err, r, "hooks") : 0;
}

static int write_config(int dir, json_t *json, const struct stat *old, struct error *err)
{
	cleanup_free char *text = json_dumps(json, JSON_INDENT(4) | JSON_REAL_PRECISION(17));
	int r;

	if (text == NULL)
		return error_set(err, ENOMEM, "write " CONFIG);
	r = write_output_at(dir, CONFIG, text, strlen(text), old->st_mode & 07777);
	if (r == 0 && fchownat(dir, CONFIG, old->st_uid, old->st_gid, 0) < 0)
		r = -errno;
	return r < 0 ? error_set(err, -r, "write " CONFIG) : 0;
}

int inject_hooks(const char *bundle, const char *program, json_t *args, struct error *err)
{
	cleanup_close int dir = open(bundle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_free char *text = NULL;
	cleanup_json json_t *json = NULL;
	struct stat st;
	size_t len;
	int r;

	if (dir < 0)
		return error_set(err, errno, "open %s", bundle);
	r = read_file(dir, CONFIG, CONTAINER_CONFIG_MAX, &text, &len);
	if (r == 0 && fstatat(dir, CONFIG, &st, 0) < 0)
		r = -errno;
	if (r < 0)
		return error_set(err, -r, "read %s/" CONFIG, bundle);
	r = object_parse(text, len, &json, err);
	if (r == 0)
		r = inject_into(json, program, args, err);
	if (r < 0)
		return error_prefix(err, r, "%s/" CONFIG, bundle);
	return write_config(dir, json, &st, err);
}
