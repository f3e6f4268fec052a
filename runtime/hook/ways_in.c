/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/hook/ways_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "runtime/config/admin.h"
#include "runtime/config/cdi.h"
#include "runtime/config/class_dir.h"
#include "runtime/config/members.h"
#include "runtime/host/engine_files.h"
#include "runtime/host/real_runtime.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

#define FILE_MOST (1 << 20)
#define HOOKS_DIR DATADIR "/containers/oci/hooks.d"

static const char *const states[] = {
	[WAY_GOOD] = "good",
	[WAY_MISSING] = "missing",
	[WAY_BROKEN] = "broken",
};

const char *way_state_name(enum way_state state)
{
	return states[state];
}

/* NULL when the file is not there or is no object. */
static json_t *load(struct way_in *way)
{
	cleanup_free char *text = NULL;
	json_t *json = NULL;
	size_t len;
	int r = read_file(AT_FDCWD, way->path, FILE_MOST, &text, &len);

	if (r == -ENOENT) {
		way->state = WAY_MISSING;
	} else if (r < 0 || object_parse(text, len, &json, NULL) < 0) {
		way->state = WAY_BROKEN;
		way->text = "it cannot be read, or is no JSON";
	}
	return json;
}

/* Looks into a file of hooks.d: engines silently skip a hook whose program is missing. */
static void look_at_hook(const struct ways_to *to, struct way_in *way)
{
	cleanup_json json_t *json = load(way);
	json_t *hook = json_object_get(json, "hook");
	const char *program = json_string_value(json_object_get(hook, "path"));

	(void)to;
	if (json == NULL)
		return;
	if (program == NULL || access(program, X_OK) < 0) {
		way->state = WAY_BROKEN;
		way->text = "the program that it names is not there";
	}
}

static bool has_all(json_t *cdi, const char *classes)
{
	cleanup_free char *text = json_dumps(cdi, 0);
	char **names = NULL;
	size_t count = 0;
	bool all = text != NULL;

	if (class_dir_names(classes, geteuid(), &names, &count, NULL) < 0)
		return false;
	for (size_t i = 0; all && i < count; i++) {
		struct vtpm_class class;

		if (!cdi_can_name(names[i]) ||
		    class_dir_read(classes, geteuid(), names[i], &class, NULL) < 0)
			continue;
		all = cdi_has_device(text, strlen(text), names[i]);
		class_done(&class);
	}
	class_dir_free_names(names, count);
	return all;
}

/* All hooks of the file are of one program. */
static bool has_program(json_t *cdi)
{
	const char *program = NULL;

	(void)json_unpack(cdi, "{s:[{s:{s:[{s:s}]}}]}", "devices", "containerEdits", "hooks",
			  "path", &program);
	return program != NULL && access(program, X_OK) == 0;
}

static void look_at_cdi(const struct ways_to *to, struct way_in *way)
{
	cleanup_json json_t *json = load(way);

	if (json == NULL)
		return;
	if (!has_all(json, to->classes))
		way->text = "it does not have all classes: run vtpm-hook cdi";
	else if (!has_program(json))
		way->text = "the program that it names is not there: run vtpm-hook cdi";
	else
		return;
	way->state = WAY_BROKEN;
}

/* Detects a script that calls us back; what a program calls shows only when it runs. */
static bool leads_back(const char *runtime)
{
	cleanup_free char *text = NULL;
	const char *name = NULL;
	size_t len;

	if (read_path(runtime, FILE_MOST, &text, &len) == 0 && len > 2 &&
	    memcmp(text, "#!", 2) == 0)
		name = engine_text_names_us(text, len);
	return name != NULL && strcmp(name, "vtpm-hook") != 0;
}

/* A runtime that the configuration does not name may simply not be installed. */
void way_in_front_of(const char *name, const char *conf, struct way_in *way)
{
	__attribute__((cleanup(admin_config_done))) struct admin_config admin = { 0 };
	const char *configured = NULL;
	char path[PATH_MAX];
	int r;

	way->state = WAY_MISSING;
	if (access(way->path, X_OK) < 0)
		return;
	r = admin_config_read(conf, &admin, &way->why);
	if (r == 0) {
		configured = strcmp(name, "crun") == 0 ? admin.crun : admin.runc;
		r = real_runtime_find(name, configured, way->path, path, &way->why);
	}
	if (r == 0 && leads_back(path))
		r = error_say(&way->why, ELOOP,
			      "%s, the runtime to call, is a script that names vtpm-runtime: name "
			      "the real one in the configuration",
			      path);
	if (r < 0)
		way->text = way->why.text;
	if (r == 0)
		way->state = WAY_GOOD;
	else if (r != -ENOENT || configured != NULL)
		way->state = WAY_BROKEN;
}

static void look_at_runc(const struct ways_to *to, struct way_in *way)
{
	way_in_front_of("runc", to->conf, way);
}

static void look_at_crun(const struct ways_to *to, struct way_in *way)
{
	way_in_front_of("crun", to->conf, way);
}

static const struct {
	const char *path;
	void (*look)(const struct ways_to *to, struct way_in *way);
} ways[] = {
	{ HOOKS_DIR "/vtpm-cuse.json", look_at_hook },
	{ HOOKS_DIR "/vtpm-cuse-poststop.json", look_at_hook },
	{ "/etc/cdi/" CDI_FILE, look_at_cdi },
	{ SBINDIR "/vtpm-runc", look_at_runc },
	{ SBINDIR "/vtpm-crun", look_at_crun },
};

int ways_in_visit(const struct ways_to *to, way_visitor *visitor, void *context)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct way_in way = { .path = ways[i].path, .state = WAY_GOOD, .text = "" };

		ways[i].look(to, &way);
		r = visitor(&way, context);
	}
	return r;
}
