/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/engine_files.h"

#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/file.h"

#define FILE_MOST (1 << 20)

/* Names of our programs, and what our devices and annotations begin with. */
static const char *const names[] = {
	"vtpm-runtime", "vtpm-runc", "vtpm-crun", "vtpm-hook", "vtpm-cuse.org/",
};

static const char *const patterns[] = {
	"/etc/docker/daemon.json",
	"/etc/containerd/config.toml",
	"/etc/containerd/conf.d/*.toml",
	"/etc/containers/containers.conf",
	"/etc/containers/containers.conf.d/*.conf",
	"/etc/containers/oci/hooks.d/*.json",
	"/etc/containers/systemd/*.container",
	"/etc/crio/crio.conf",
	"/etc/crio/crio.conf.d/*",
	"/var/lib/rancher/k3s/agent/etc/containerd/*.tmpl",
	"/var/lib/rancher/rke2/agent/etc/containerd/*.tmpl",
};

const char *engine_text_names_us(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (memmem(text, len, names[i], strlen(names[i])) != NULL)
			return names[i];
	}
	return NULL;
}

static void look_at(const char *path, engine_file_visitor *visitor, void *context)
{
	cleanup_free char *text = NULL;
	const char *name;
	size_t len;

	if (read_path(path, FILE_MOST, &text, &len) < 0)
		return;
	name = engine_text_names_us(text, len);
	if (name != NULL)
		visitor(path, name, context);
}

void engine_files_visit(const char *root, engine_file_visitor *visitor, void *context)
{
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		char pattern[PATH_MAX];
		glob_t found = { 0 };

		if (snprintf(pattern, sizeof(pattern), "%s%s", root, patterns[i]) >=
		    (int)sizeof(pattern))
			continue;
		(void)glob(pattern, 0, NULL, &found);
		for (size_t j = 0; j < found.gl_pathc; j++)
			look_at(found.gl_pathv[j], visitor, context);
		globfree(&found);
	}
}
