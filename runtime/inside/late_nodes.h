/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Device nodes in a running container. Its /dev is hostile: the container controls the files there,
 * and may serve the file system. Therefore a child does all the work, by descriptor, and is given
 * up after some time; no file that is there is taken for ours.
 */
#ifndef VTPM_RUNTIME_INSIDE_LATE_NODES_H
#define VTPM_RUNTIME_INSIDE_LATE_NODES_H

#include "runtime/inside/node.h"

/*
 * Makes the nodes in the /dev of the container with the process PLACE->init, which must be a mount
 * of its own, of a file system in memory, and still be there afterwards. None is made when any name
 * is taken. Hides the names of all other vTPMs, too. rootfs and taken are not looked at.
 */
int late_nodes_make(const struct nodes_place *place, struct error *err);

/* Removes what is still there of them. */
int late_nodes_remove(const struct process *init, struct container_node *nodes, size_t count,
		      struct error *err);

#endif
