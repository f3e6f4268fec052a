/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The directories of the host that a container gets to see: its root and what is bound into it.
 */
#ifndef VTPM_RUNTIME_HOST_VISIBLE_H
#define VTPM_RUNTIME_HOST_VISIBLE_H

#include <jansson.h>

#include "util/cleanup.h"

struct error;
struct reach;

/*
 * ROOTFS is absolute, MOUNTS the array of config.json or NULL; relative sources are BUNDLE's. A
 * source that is not there is not reached either. The caller calls reach_free().
 */
int reach_new(const char *bundle, const char *rootfs, json_t *mounts, struct reach **ret,
	      struct error *err);
void reach_free(struct reach *reach);
DEFINE_CLEANUP(struct reach, reach_free);

/*
 * -EINVAL when PATH, which is absolute and without links, is one of the directories or beneath one.
 * Its last parts need not exist. It is files that are compared, not names: a directory may have
 * several paths.
 */
int reach_check(const struct reach *reach, const char *path, struct error *err);

#endif
