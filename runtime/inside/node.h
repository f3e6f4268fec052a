/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Makes, binds and removes one device node in a container: the steps that are the same before the
 * container has started and while it runs.
 */
#ifndef VTPM_RUNTIME_INSIDE_NODE_H
#define VTPM_RUNTIME_INSIDE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/host/device_number.h"
#include "runtime/host/file_id.h"
#include "runtime/host/process.h"

struct error;
struct handed_log;

#define NODES_MOST 2048

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
	struct process init;
	const char *rootfs;   /* absolute, as the runtime sees it */
	const char *work_dir; /* a directory of ours to mount on, in a namespace of our own */
	bool user_namespace;
	struct container_node *nodes;
	size_t count;
	const struct handed_log *logs; /* only before the container has started */
	size_t log_count;
	/* Gets the index of a node whose name is taken; then -EEXIST, and none is made. */
	size_t *taken;
};

/* The node's names from PATH, which is in /dev, and ALIAS. */
void container_node_name(struct container_node *node, const char *path, const char *alias);

dev_t node_number(const struct container_node *node);

/* The mount namespace of process PID, which must not be ours. */
int mount_namespace_open(pid_t pid, struct error *err);

/* Makes NAME in the directory DIR, with the mode exactly as asked; a negative errno. */
int node_make(int dir, const char *name, const struct container_node *node, uint32_t uid,
	      uint32_t gid);

/*
 * The nodes on a tmpfs that the host's root owns (nodes on one that a user namespace owns cannot be
 * opened), mounted in a new namespace of the caller's: it goes with the last of its nodes. TREES
 * gets mounts that are nowhere yet, one for each name of a node.
 */
int node_trees_make(const struct nodes_place *place, int (*trees)[2], struct error *err);
void node_trees_init(int (*trees)[2], size_t count);
void node_trees_close(int (*trees)[2], size_t count);

/*
 * Binds TREE to NAME in the directory DEV, and notes the file that was made for that in POINT.
 * -EEXIST when there is something of that name.
 */
int node_bind(int dev, const char *name, int tree, struct file_id *point, struct error *err);

/*
 * Removes the file that was made to bind a node to. It is empty; one with something in it has
 * become somebody else's.
 */
void node_point_remove(int dev, const char *name, const struct file_id *point);

#endif
