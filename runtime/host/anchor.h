/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The directory that an engine keeps as long as a container exists, running or not: no engine
 * announces that a container was removed, but this directory is gone then.
 */
#ifndef VTPM_RUNTIME_HOST_ANCHOR_H
#define VTPM_RUNTIME_HOST_ANCHOR_H

#include <limits.h>

struct error;

/*
 * The directory of the container ID, by its BUNDLE and the ROOTFS in its configuration: docker's
 * layer, podman's container. -EOPNOTSUPP where the layout is not known. Pure.
 */
int anchor_find(const char *id, const char *bundle, const char *rootfs, char ret[static PATH_MAX],
		struct error *err);

#endif
