/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A vTPM lives with its container without being in it: it pauses while the container's processes
 * are frozen, and ends when nothing is left of the container and nobody has ended it.
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
	const char *bundle; /* that of its configuration; or NULL */
	const char *rootfs; /* its files, which are never held: they may be a mount; or NULL */
	int pid_fd;         /* its first process; -1: the end is not watched for */
	int runtime_fd;     /* the process that made it; -1: unknown */
	struct turns *turns;
	struct threads *threads;
	struct watches *watches;
};

/*
 * Whether the group is frozen by the text of its cgroup.events (v2) or freezer.state (v1), where a
 * group that is about to freeze counts as well. Pure.
 */
bool follow_is_frozen(const char *text);

/*
 * Opens what is followed, as root, and watches it. The end has come when the process has, the group
 * has no process, and one of the directories is gone, or was never there, for ten seconds. A
 * runtime that is there still when the process ends waits for it, to delete the container, and some
 * for all of their children, of which the server is one: then the end has come at once. The
 * descriptors are taken over.
 */
int follow_open(const struct follow_options *options, struct follow **ret, struct error *err);

/* The group that is looked at, for as long as FOLLOW is open; -1: none. */
int follow_group(const struct follow *follow);

void follow_close(struct follow *follow);
DEFINE_CLEANUP(struct follow, follow_close);

#endif
