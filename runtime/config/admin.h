/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The administrator's configuration, SYSCONFDIR/vtpm-cuse/vtpm-cuse.conf: settings for all
 * containers.
 */
#ifndef VTPM_RUNTIME_CONFIG_ADMIN_H
#define VTPM_RUNTIME_CONFIG_ADMIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/config/annotations.h"
#include "runtime/config/resources.h"

struct error;

struct admin_config {
	bool ignore_errors;                      /* skip bad entries, serve the others */
	bool resource_manager;                   /* the default for TPM 2.0 entries */
	int64_t major;                           /* 0: the first free major of the local range */
	int64_t store_rate;                      /* of each vTPM, KiB per second */
	int64_t most;                            /* the most vTPMs at once */
	struct resources resources;              /* for servers whose entries set none */
	const char *ca_dir, *run_as, *uid_range; /* NULL: the programs' own defaults */
	const char *runc, *crun; /* paths of the real runtimes; NULL: search the fixed list */
	json_t *containerd_roots, *crio_roots; /* patterns of runtimes' roots; NULL: the default */
	json_t *json;                          /* owns the strings */
};

/* An empty text gives the defaults. */
int admin_config_parse(const char *text, size_t len, struct admin_config *ret, struct error *err);

/* A missing file gives the defaults. */
int admin_config_read(const char *path, struct admin_config *ret, struct error *err);

/* The engine whose annotations are trusted under the runtime's root ROOT. Pure. */
enum cri_engine admin_config_engine(const struct admin_config *config, const char *root);

void admin_config_done(struct admin_config *config);

#endif
