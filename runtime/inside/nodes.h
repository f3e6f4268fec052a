/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Device nodes in a container that was made but not started: its mounts are there, its root is not
 * yet the root of its mount namespace.
 */
#ifndef VTPM_RUNTIME_INSIDE_NODES_H
#define VTPM_RUNTIME_INSIDE_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/host/device_number.h"
#include "runtime/host/file_id.h"

struct error;

struct container_node {
	char name[256];  /* in the container's /dev */
	char alias[256]; /* a second name, "" without */
	struct device_number number;
	mode_t mode;
	uint32_t uid, gid; /* as the container sees them */
	/* What was made to bind the node to its name and its alias. */
	struct file_id point, alias_point;
};

struct nodes_place {
	pid_t init;
	const char *rootfs;   /* absolute, as the runtime sees it */
	const char *work_dir; /* a directory of ours to mount on, in a namespace of our own */
	bool user_namespace;
	struct container_node *nodes;
	size_t count;
	/* Gets the index of a node whose name is taken; then -EEXIST, and none is made. */
	size_t *taken;
};

/* The node's names from PATH, which is in /dev, and ALIAS. */
void container_node_name(struct container_node *node, const char *path, const char *alias);

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
