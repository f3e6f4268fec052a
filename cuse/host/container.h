/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ties a vTPM to its container, although the server runs outside: the vTPM freezes while the
 * container's processes are frozen, and ends when the container is gone and no one has ended the
 * vTPM.
 */
#ifndef VTPM_CUSE_SERVER_CONTAINER_H
#define VTPM_CUSE_SERVER_CONTAINER_H

#include <stdbool.h>

#include "util/cleanup.h"

struct error;
struct follow;
struct threads;
struct turns;
struct watches;

struct follow_options {
	const char *name;   /* of the vTPM, for the log */
	const char *cgroup; /* the container's directory, of v1's freezer or of v2; or NULL */
	const char *state;  /* the runtime's directory about the container; or NULL */
	const char *bundle; /* the directory of its configuration; or NULL */
	const char *rootfs; /* its root directory, never kept open, as it may be a mount; or NULL */
	int pid_fd;         /* its first process; -1: do not watch for the end */
	int runtime_fd;     /* the runtime that made it; -1: unknown */
	struct turns *turns;
	struct threads *threads;
	struct watches *watches;
};

/*
 * Whether the text of cgroup.events (v2) or freezer.state (v1) says that the group is frozen. A v1
 * group that is about to freeze counts as well. Pure.
 */
bool follow_is_frozen(const char *text);

/*
 * Opens and watches the container, as root; takes over the descriptors. The end has come when the
 * first process has ended, the group is empty, and one of the directories is gone, or was never
 * there, for ten seconds.
 *
 * If the runtime still runs when the first process ends, it waits to delete the container, and some
 * runtimes wait for all of their children, including the server: then the end has come at once.
 */
int follow_open(const struct follow_options *options, struct follow **ret, struct error *err);

/* The directory of the group, valid for as long as FOLLOW is open; -1: none. */
int follow_group(const struct follow *follow);

void follow_close(struct follow *follow);
DEFINE_CLEANUP(struct follow, follow_close);

#endif
