/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A node: one character device of ours under /dev, made by the kernel's CUSE.
 */
#ifndef VTPM_CUSE_DEVICE_NODE_H
#define VTPM_CUSE_DEVICE_NODE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "cuse/device/device.h"
#include "util/cleanup.h"

struct error;
struct session;

#define NODE_NAME_MAX 200

struct node_options {
	const char *name;          /* the device is /dev/NAME */
	unsigned int major, minor; /* 0, 0: the kernel chooses */
	uid_t uid;
	gid_t gid;
	mode_t mode;
	bool set_owner, set_mode; /* false: leave it as the kernel or udev sets it */
};

struct node {
	const char *name; /* borrowed from the options */
	struct session *session;
	dev_t dev;
	bool made_it; /* we made /dev/NAME, not devtmpfs */
};

/* Allows 1 to 200 of [A-Za-z0-9._-], no dot or dash first: fit for a file name and for sysfs. */
int node_check_name(const char *name, struct error *err);

/*
 * Reports what would make node_open() fail, before anything is started. -EEXIST: "name tpm0 is
 * taken ...", "dev_t 100:1 is taken ...".
 */
int node_check(const struct node_options *options, struct error *err);

/* Finds the device that has OPTIONS' name or numbers. -ENOENT: there is none, or it has no name. */
int node_find_other(const struct node_options *options, char name[static NAME_MAX + 1]);

/*
 * Makes the device: when this returns 0, /dev/NAME exists, belongs to this server, and has the
 * requested owner and mode. Borrows DEVICE. Requests are answered once the session is served.
 */
int node_open(const struct node_options *options, enum device_node kind, struct device *device,
	      struct node **ret, struct error *err);

/* Gives /dev/NAME the requested owner and mode once more. */
int node_set_permissions(const struct node_options *options, struct error *err);

/*
 * Ends the device; the kernel removes the node that it has made. Clients get ENODEV or
 * ECONNABORTED.
 */
void node_close(struct node *node);
DEFINE_CLEANUP(struct node, node_close);

#endif
