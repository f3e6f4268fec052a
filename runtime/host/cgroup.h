/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Control groups: finds a container's, and makes one for each server, apart from the container's (a
 * runtime could not delete that one) and from the engine's (a restart of it would end the server).
 */
#ifndef VTPM_RUNTIME_HOST_CGROUP_H
#define VTPM_RUNTIME_HOST_CGROUP_H

#include <limits.h>
#include <sys/types.h>

#include "runtime/host/cgroup_path.h"

struct error;

/* What /proc says of a process's groups, read once. */
struct cgroup_view {
	char *mountinfo, *groups;
};

int cgroup_view_read(pid_t pid, struct cgroup_view *ret);
void cgroup_view_done(struct cgroup_view *view);
#define cleanup_view __attribute__((cleanup(cgroup_view_done)))

/* As cgroup_path_find(). */
int cgroup_view_find(const struct cgroup_view *view, const char *controller,
		     struct cgroup_path *ret);

/* The directory whose freezer pauses the process: of v1 where there is one, else of v2; or "". */
void cgroup_freezer(const struct cgroup_view *view, char path[static PATH_MAX]);

/* Where a server's own group is to be, in a hierarchy that VIEW has; "" where there is none for it.
 */
void cgroup_name(const struct cgroup_view *view, const char *name, char path[static PATH_MAX]);

/* That of the watcher: not above the servers', as a group with groups that are limited has no
 * processes. */
void cgroup_watch_name(const struct cgroup_view *view, char path[static PATH_MAX]);

/* Makes it, where PATH is not "": *RET is -1 then. */
int cgroup_make(const char *path, int *ret, struct error *err);

/* Moves the calling process out of every v1 group of its parent, and into the group of FD (-1:
 * none). */
int cgroup_enter(int fd);

/*
 * Starts a child in the group of FD; returns as fork() does, or a negative errno. The child must
 * look at *ENTERED: a negative errno when it is still in its parent's group.
 */
pid_t cgroup_fork(int fd, int *entered);

/* Ends every process in the group and removes it; a missing group is fine. */
int cgroup_remove(const char *path, struct error *err);

#endif
