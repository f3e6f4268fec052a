/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a process's control groups are in the file system. Pure: the texts of /proc come from the
 * caller.
 */
#ifndef VTPM_RUNTIME_HOST_CGROUP_PATH_H
#define VTPM_RUNTIME_HOST_CGROUP_PATH_H

#include <limits.h>

/* The controller that stands for the unified hierarchy, cgroup v2. */
#define CGROUP_UNIFIED ""

struct cgroup_path {
	char mount[PATH_MAX]; /* where the hierarchy is mounted ... */
	char path[PATH_MAX];  /* ... and the group's directory beneath or at it */
};

/*
 * Finds the group of CONTROLLER ("devices", "name=systemd", CGROUP_UNIFIED) by the texts of
 * /proc/self/mountinfo and /proc/PID/cgroup; -ENOENT when there is none, -EXDEV when the group lies
 * outside of what is mounted.
 */
int cgroup_path_find(const char *mountinfo, const char *groups, const char *controller,
		     struct cgroup_path *ret);

/* The systemd scope whose group PATH is, or is in: UNIT is its name; -ENOENT where there is none.
 */
int cgroup_path_scope(const char *path, char unit[static NAME_MAX + 1]);

#endif
