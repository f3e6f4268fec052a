/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/admin.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "runtime/config/members.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

#define CONFIG_MAX (1 << 20)

#define FIELD(name) offsetof(struct admin_config, name)

static const struct member_spec members[] = {
	{ "ignoreVTPMErrors", member_bool, FIELD(ignore_errors), 0, 0 },
	{ "resourceManager", member_bool, FIELD(resource_manager), 0, 0 },
	{ "major", member_int, FIELD(major), 1, 511 },
	{ "maxVTPMs", member_int, FIELD(most), 0, 1 << 20 },
	{ "caDir", member_string, FIELD(ca_dir), 0, PATH_MAX - 1 },
	{ "runAs", member_string, FIELD(run_as), 0, 255 },
	{ NULL, NULL, 0, 0, 0 },
};

int admin_config_parse(const char *text, size_t len, struct admin_config *ret, struct error *err)
{
	struct admin_config config = { .resource_manager = true, .most = 1024 };
	int r;

	if (len > 0) {
		r = object_parse(text, len, &config.json, err);
		if (r == 0)
			r = members_read(config.json, members, &config, err);
		if (r == 0 && config.ca_dir != NULL && config.ca_dir[0] != '/')
			r = error_say(err, EINVAL, "caDir is not an absolute path");
		if (r < 0) {
			json_decref(config.json);
			return r;
		}
	}
	*ret = config;
	return 0;
}

int admin_config_read(const char *path, struct admin_config *ret, struct error *err)
{
	cleanup_free char *text = NULL;
	size_t len = 0;
	int r;

	r = read_path(path, CONFIG_MAX, &text, &len);
	if (r < 0 && r != -ENOENT)
		return error_set(err, -r, "read %s", path);
	r = admin_config_parse(text, len, ret, err);
	return r < 0 ? error_prefix(err, r, "%s", path) : 0;
}

void admin_config_done(struct admin_config *config)
{
	json_decref(config->json);
	config->json = NULL;
}
