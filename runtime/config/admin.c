/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/admin.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "runtime/config/members.h"
#include "runtime/config/patterns.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"
#include "util/uid_range.h"

#define CONFIG_MAX (1 << 20)

/* The root of containerd's CRI plugin; other clients of containerd use other namespaces. */
#define CONTAINERD_ROOT "/run/containerd/runc/k8s.io"

#define FIELD(name) offsetof(struct admin_config, name)

static const struct member_spec members[] = {
	{ "ignoreVTPMErrors", member_bool, FIELD(ignore_errors), 0, 0 },
	{ "resourceManager", member_bool, FIELD(resource_manager), 0, 0 },
	{ "major", member_int, FIELD(major), 1, 511 },
	{ "maxVTPMs", member_int, FIELD(most), 0, 1 << 20 },
	{ "storeRate", member_int, FIELD(store_rate), 64, 1 << 20 },
	{ "caDir", member_string, FIELD(ca_dir), 0, PATH_MAX - 1 },
	{ "runAs", member_string, FIELD(run_as), 0, 255 },
	{ "uidRange", member_string, FIELD(uid_range), 0, 32 },
	{ "runc", member_string, FIELD(runc), 0, PATH_MAX - 1 },
	{ "crun", member_string, FIELD(crun), 0, PATH_MAX - 1 },
	{ "containerdRoots", member_patterns, FIELD(containerd_roots), 0, 0 },
	{ "crioRoots", member_patterns, FIELD(crio_roots), 0, 0 },
	{ "resources", member_resources, FIELD(resources), 0, 0 },
	{ NULL, NULL, 0, 0, 0 },
};

static int check_paths(const struct admin_config *config, struct error *err)
{
	const struct {
		const char *name, *path;
	} paths[] = { { "caDir", config->ca_dir },
		      { "runc", config->runc },
		      { "crun", config->crun } };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (paths[i].path != NULL && paths[i].path[0] != '/')
			return error_say(err, EINVAL, "%s is not an absolute path", paths[i].name);
	}
	return 0;
}

static int check_range(const struct admin_config *config, struct error *err)
{
	struct uid_range range;
	int r = config->uid_range == NULL ? 0 : uid_range_parse(config->uid_range, &range, err);

	return r < 0 ? error_prefix(err, r, "uidRange") : 0;
}

int admin_config_parse(const char *text, size_t len, struct admin_config *ret, struct error *err)
{
	struct admin_config config = { .resource_manager = true, .most = 1024, .store_rate = 1024 };
	int r;

	if (len > 0) {
		r = object_parse(text, len, &config.json, err);
		if (r == 0)
			r = members_read(config.json, members, &config, err);
		if (r == 0)
			r = check_paths(&config, err);
		if (r == 0)
			r = check_range(&config, err);
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

/*
 * CRI-O shares the runtimes' default roots with podman and manual use, so no root is trusted as
 * CRI-O's by default.
 */
enum cri_engine admin_config_engine(const struct admin_config *config, const char *root)
{
	if (patterns_match(config->crio_roots, root))
		return CRI_CRIO;
	if (config->containerd_roots == NULL)
		return strcmp(root, CONTAINERD_ROOT) == 0 ? CRI_CONTAINERD : CRI_NONE;
	return patterns_match(config->containerd_roots, root) ? CRI_CONTAINERD : CRI_NONE;
}

void admin_config_done(struct admin_config *config)
{
	json_decref(config->json);
	config->json = NULL;
}
