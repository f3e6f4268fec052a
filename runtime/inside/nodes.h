/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Device nodes in a container that was made but not started: its mounts are there, its root is not
 * yet the root of its mount namespace.
 */
#ifndef VTPM_RUNTIME_INSIDE_NODES_H
#define VTPM_RUNTIME_INSIDE_NODES_H

#include <stddef.h>

#include "runtime/inside/node.h"

/*
 * Makes the nodes in the container's /dev. In a user namespace they lie in a file system of the
 * host's, since no other may be opened there, and are bound to their names. A node that is there
 * already must be the same device; it gets the mode and the owner that are asked for. Also hides
 * the names of all other vTPMs, which sysfs shows.
 */
int nodes_make(const struct nodes_place *place, struct error *err);

/*
 * Removes nodes, and what they were bound to, that were made in a directory of the image itself and
 * so outlive the container. Nothing but exactly these devices and files is touched.
 */
void nodes_remove(const char *rootfs, const struct container_node *nodes, size_t count);

#endif
