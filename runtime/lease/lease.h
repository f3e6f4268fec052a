/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What was started for one container: enough to end it and to remove every trace of it, by whoever
 * comes. Written before anything is made, so that a crash at any instant leaves nothing unknown.
 */
#ifndef VTPM_RUNTIME_LEASE_LEASE_H
#define VTPM_RUNTIME_LEASE_LEASE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/host/file_id.h"
#include "runtime/host/process.h"
#include "util/cleanup.h"

struct error;

/* The paths of as many vTPMs as one container can have nodes for, be they as long as they may. */
#define LEASE_MAX (16 << 20)
#define LEASE_VTPMS_MAX 1024

struct lease_vtpm {
	char name[NAME_MAX + 1];      /* of the host's device */
	char twin[NAME_MAX + 1];      /* of its resource-managed twin, "" without */
	char path[64], twin_path[64]; /* in the container */
	char state_path[PATH_MAX];    /* "": the device is not of our making */
	struct file_id state_id;      /* once we have made it */
	char cgroup[PATH_MAX];        /* the server's, "" before it was made */
	bool created;                 /* the state directory is our making */
	bool managed;                 /* the state is somebody else's to delete */
	uint32_t major, minor, twin_minor;
	/* Files in the container's /dev that nodes were bound to. */
	struct file_id point, alias_point, twin_point, twin_alias_point;
	struct process server;
};

struct lease {
	char id[NAME_MAX + 1];
	char hash[16];
	char bundle[PATH_MAX], rootfs[PATH_MAX];
	char state_dir[PATH_MAX]; /* the runtime's, there while the container is */
	char freezer[PATH_MAX];   /* the container's control group */
	char device_group[PATH_MAX], device_mount[PATH_MAX]; /* v2 only */
	/* Who is busy with the lease; nobody else touches it while that lives. */
	struct process worker;
	struct process init; /* the container's */
	size_t count;
	struct lease_vtpm vtpms[];
};

/* All zero, with room for COUNT vTPMs. */
int lease_new(size_t count, struct lease **ret);

/* Pure: a lease from its text and back. The caller frees *RET. */
int lease_parse(const char *text, size_t len, struct lease **ret, struct error *err);
int lease_format(const struct lease *lease, char **ret);

#endif
