/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a bundle's config.json says about a container, as far as its vTPMs need it.
 */
#ifndef VTPM_RUNTIME_CONFIG_CONTAINER_H
#define VTPM_RUNTIME_CONFIG_CONTAINER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/cleanup.h"

struct admin_config;
struct error;
struct vtpm_entry;

struct container {
	json_t *json;
	const char *rootfs; /* absolute, or relative to the bundle */
	bool mount_namespace;
	bool user_namespace; /* a new one, or one that is joined */
	uint32_t uid, gid;   /* of its first process, within its user namespace */
	json_t *vtpms;       /* an array; NULL: none */
	json_t *mounts;      /* likewise */
};

/* Does not check the entries. The caller calls container_done(). Pure. */
int container_parse(const char *text, size_t len, struct container *ret, struct error *err);

/* Reads BUNDLE/config.json. A file that never mentions vTPMs has none, even if it is malformed. */
int container_read(const char *bundle, struct container *ret, struct error *err);
void container_done(struct container *container);

/* Called for each entry that is left out. */
typedef void container_skip(const char *message);

/*
 * Reads all entries; an error names its entry. If the administrator set ignore_errors, SKIP gets
 * the error of a bad entry, which is left out. The caller frees *RET; its strings belong to the
 * container.
 */
int container_entries(const struct container *container, const struct admin_config *admin,
		      container_skip *skip, struct vtpm_entry **ret, size_t *count,
		      struct error *err);

#endif
