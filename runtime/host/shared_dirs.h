/* SPDX-License-Identifier: BSD-3-Clause */
/* The directories of the host that a container can see: its root, and what is bound into it. */
#ifndef VTPM_RUNTIME_HOST_SHARED_DIRS_H
#define VTPM_RUNTIME_HOST_SHARED_DIRS_H

#include <jansson.h>

#include "util/cleanup.h"

struct error;
struct shared_dirs;

/*
 * ROOTFS is absolute, MOUNTS the array of config.json or NULL; relative sources are BUNDLE's. A
 * source that is not there is not reached either. The caller calls shared_dirs_free().
 */
int shared_dirs_new(const char *bundle, const char *rootfs, json_t *mounts,
		    struct shared_dirs **ret, struct error *err);
void shared_dirs_free(struct shared_dirs *dirs);
DEFINE_CLEANUP(struct shared_dirs, shared_dirs_free);

/*
 * -EINVAL when PATH, which is absolute and without links, is one of the directories or beneath one.
 * Its last parts need not exist. It is files that are compared, not names: a directory may have
 * several paths.
 */
int shared_dirs_check(const struct shared_dirs *dirs, const char *path, struct error *err);

#endif
