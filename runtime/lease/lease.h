/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What was started for one container: enough for any process to end it and to remove every trace.
 * Written before anything is made, so that a crash at any instant leaves nothing unknown.
 */
#ifndef VTPM_RUNTIME_LEASE_LEASE_H
#define VTPM_RUNTIME_LEASE_LEASE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/config/class.h"
#include "runtime/config/entry.h"
#include "runtime/config/resources.h"
#include "runtime/host/device_number.h"
#include "runtime/host/file_id.h"
#include "runtime/host/process.h"
#include "util/cleanup.h"

struct error;

/* The paths of as many vTPMs as one container can have nodes for, be they as long as they may. */
#define LEASE_MAX (16 << 20)
#define LEASE_VTPMS_MAX 1024
#define LEASE_PART_LEN 4
#define LEASE_NONCE_LEN 16

/* The part of numbers that were taken before there was a container, see open.h. */
#define LEASE_OPEN "open"

/* A device: the TPM itself, or its resource-managed twin. */
struct lease_node {
	char name[NAME_MAX + 1];  /* on the host; "": not of our making */
	char path[VTPM_PATH_LEN]; /* in the container */
	uint32_t minor;
	/* Files in the container's /dev that the node was bound to, by its path and by its name. */
	struct file_id point, alias_point;
};

/* Of which class a vTPM is; "": of none. */
struct lease_claim {
	char class[CLASS_NAME_LEN + 1];
	char device[VTPM_NAME_LEN + 1]; /* as it was asked for; "": the lowest number */
	char owner[OWNER_LEN + 1];      /* among whom it counts */
};

struct lease_vtpm {
	struct lease_node nodes[VTPM_NODES_MOST];
	size_t node_count; /* 2: with a twin */
	uint32_t major;
	char state_path[PATH_MAX]; /* "": in memory, or somebody else's */
	struct file_id state_id;   /* once we have made it */
	char cgroup[PATH_MAX];     /* the server's, "" before it was made */
	bool created;              /* the state directory is our making */
	bool managed;              /* the state is somebody else's to delete */
	bool detached;             /* only its numbers are left: the container may know them */
	uint32_t launches;         /* how often its server was started; 0: it is not measured */
	struct process server;
	struct lease_claim claim;
	struct resources resources; /* which the entry gave its server */
};

struct lease {
	char id[NAME_MAX + 1];
	char hash[16];
	char part[LEASE_PART_LEN + 1];   /* what tells the leases of one container apart */
	char nonce[LEASE_NONCE_LEN + 1]; /* what vtpm-runtime has entered for it; "": nothing */
	char bundle[PATH_MAX], rootfs[PATH_MAX];
	char state_dir[PATH_MAX]; /* the runtime's, there while the container is */
	char freezer[PATH_MAX];   /* the container's control group */
	char device_group[PATH_MAX], device_mount[PATH_MAX]; /* v2 only */
	bool ended;         /* its poststop hook was called: nothing of it is to stay */
	bool forgets_rules; /* the runtime: see watch.h */
	bool attached;      /* given while the container ran: it is over with its first process */
	/* Who is busy with the lease; nobody else touches it while that lives. */
	struct process worker;
	struct process init; /* the container's */
	size_t count;
	struct lease_vtpm vtpms[];
};

/* Whether we made the device, which then has a server. */
bool lease_vtpm_is_ours(const struct lease_vtpm *vtpm);

/* Whether it still has only numbers, for a container that may never exist. */
bool lease_is_open(const struct lease *lease);

/* All zero, with room for COUNT vTPMs. */
int lease_new(size_t count, struct lease **ret);

/* *RET gets a lease of the I-th vTPM alone; the caller frees it. */
int lease_copy_one(const struct lease *lease, size_t i, struct lease **ret);

/* Whether one of the devices has the number. */
bool lease_has_number(const struct lease *lease, uint32_t major, uint32_t minor);

/* The numbers of all devices; RET has room for VTPM_NODES_MOST of each vTPM. Returns how many. */
size_t lease_numbers(const struct lease *lease, struct device_number *ret);

/* Pure: a lease from its text and back. The caller frees *RET. */
int lease_parse(const char *text, size_t len, struct lease **ret, struct error *err);
int lease_format(const struct lease *lease, char **ret);

#endif
