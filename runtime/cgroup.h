/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Control groups: where a container's are, and one for each server, apart from the container's (a
 * runtime could not delete that one) and from the engine's (a restart of it would end the server).
 */
#ifndef VTPM_RUNTIME_CGROUP_H
#define VTPM_RUNTIME_CGROUP_H

#include <limits.h>
#include <sys/types.h>

#include "runtime/cgroup_path.h"

struct error;

/* As cgroup_path_find(), of a living process. */
int cgroup_of(pid_t pid, const char *controller, struct cgroup_path *ret);

/* The directory whose freezer pauses PID: of v1 where there is one, else of v2. "" when there is
 * none. */
void cgroup_freezer_of(pid_t pid, char path[static PATH_MAX]);

/* Where a server's own group is to be; "" where there is no hierarchy for it. */
void cgroup_name(const char *name, char path[static PATH_MAX]);

/* Makes it; -1 when it cannot be made, and the server then stays where it is. */
int cgroup_make(const char *path);

/* Moves the calling process out of every v1 group of its parent, and into the group of FD. */
void cgroup_enter(int fd);

/* Starts a child in the group of FD; returns as fork() does, or a negative errno. */
pid_t cgroup_fork(int fd);

/* Ends every process in the group and removes it; a missing group is what was wanted. */
int cgroup_remove(const char *path, struct error *err);

#endif
