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
	uint32_t uid, gid;   /* of its first process, as it sees them */
	json_t *vtpms;       /* an array; NULL: none */
	json_t *mounts;      /* as well */
};

/* Pure; nothing is checked within the entries. The caller calls container_done(). */
int container_parse(const char *text, size_t len, struct container *ret, struct error *err);

/* Reads BUNDLE/config.json; one that does not even mention vTPMs has none, whatever else it has. */
int container_read(const char *bundle, struct container *ret, struct error *err);
void container_done(struct container *container);

/* Told of each entry that is left out. */
typedef void container_skip(const char *message);

/*
 * Reads all entries; each mistake names its entry. With the administrator's leave (ignore_errors) a
 * bad entry is given to SKIP instead. The caller frees *RET; its strings belong to the container.
 */
int container_entries(const struct container *container, const struct admin_config *admin,
		      container_skip *skip, struct vtpm_entry **ret, size_t *count,
		      struct error *err);

#endif
