/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "util/cleanup.h"
#include "util/error.h"
#include "util/dir.h"
#include "util/file.h"

#define PROC_FILE_MAX (1 << 20)
#define OWN_GROUP "vtpm-cuse"
#define WATCH_GROUP "vtpm-cuse-watch"
#define REMOVE_TRIES 400
#define REMOVE_PAUSE_NS 5000000L

int cgroup_view_read(pid_t pid, struct cgroup_view *ret)
{
	struct cgroup_view view = { 0 };
	char path[32];
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	r = read_path("/proc/self/mountinfo", PROC_FILE_MAX, &view.mountinfo, NULL);
	if (r == 0)
		r = read_path(path, PROC_FILE_MAX, &view.groups, NULL);
	if (r < 0) {
		cgroup_view_done(&view);
		return r;
	}
	*ret = view;
	return 0;
}

void cgroup_view_done(struct cgroup_view *view)
{
	free(view->mountinfo);
	free(view->groups);
	*view = (struct cgroup_view){ 0 };
}

int cgroup_view_find(const struct cgroup_view *view, const char *controller,
		     struct cgroup_path *ret)
{
	if (view->groups == NULL)
		return -ENOENT;
	return cgroup_path_find(view->mountinfo, view->groups, controller, ret);
}

void cgroup_freezer(const struct cgroup_view *view, char path[static PATH_MAX])
{
	struct cgroup_path group;
	char file[PATH_MAX + 16];

	path[0] = '\0';
	if (cgroup_view_find(view, "freezer", &group) == 0 &&
	    strcmp(group.path, group.mount) != 0) {
		(void)strcpy(path, group.path);
		return;
	}
	if (cgroup_view_find(view, CGROUP_UNIFIED, &group) < 0)
		return;
	/* The root group has no such file, and nothing freezes it. */
	(void)snprintf(file, sizeof(file), "%s/cgroup.events", group.path);
	if (access(file, F_OK) == 0)
		(void)strcpy(path, group.path);
}

/* The hierarchy in which a server is found again. */
static int own_hierarchy(const struct cgroup_view *view, char mount[static PATH_MAX])
{
	static const char *const controllers[] = { CGROUP_UNIFIED, "freezer", "name=systemd" };
	struct cgroup_path group;

	for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++) {
		if (cgroup_view_find(view, controllers[i], &group) == 0) {
			(void)strcpy(mount, group.mount);
			return 0;
		}
	}
	return -ENOENT;
}

void cgroup_name(const struct cgroup_view *view, const char *name, char path[static PATH_MAX])
{
	char mount[PATH_MAX];

	if (own_hierarchy(view, mount) < 0 ||
	    snprintf(path, PATH_MAX, "%s/" OWN_GROUP "/%s", mount, name) >= PATH_MAX)
		path[0] = '\0';
}

void cgroup_watch_name(const struct cgroup_view *view, char path[static PATH_MAX])
{
	char mount[PATH_MAX];

	if (own_hierarchy(view, mount) < 0 ||
	    snprintf(path, PATH_MAX, "%s/" WATCH_GROUP, mount) >= PATH_MAX)
		path[0] = '\0';
}

int cgroup_make(const char *path, int *ret, struct error *err)
{
	*ret = -1;
	return path[0] != '\0' ? open_dir_all(path, 0755, ret, err) : 0;
}

static int write_self(int dir_fd, const char *file)
{
	cleanup_close int fd = openat(dir_fd, file, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : write_all(fd, "0", 1);
}

static void leave(const struct cgroup_view *view, const char *controller)
{
	struct cgroup_path group;
	char path[PATH_MAX + 16];
	cleanup_close int dir = -1;

	if (cgroup_view_find(view, controller, &group) < 0 || strcmp(group.path, group.mount) == 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/" OWN_GROUP, group.mount);
	if (open_dir(path, 0755, &dir, NULL) == 0)
		(void)write_self(dir, "cgroup.procs");
}

int cgroup_enter(int fd)
{
	cleanup_view struct cgroup_view view = { 0 };
	/* cpuset is not among them: a new group of it takes no process before it was set up. */
	static const char *const controllers[] = { "name=systemd", "freezer", "pids", "memory",
						   "cpu" };

	if (cgroup_view_read(getpid(), &view) == 0) {
		for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++)
			leave(&view, controllers[i]);
	}
	return fd >= 0 ? write_self(fd, "cgroup.procs") : 0;
}

/*
 * clone3() starts the child in the group, which costs nothing, while moving a process waits for all
 * CPUs. Kernels before 5.7 and the v1 hierarchies can only move it.
 */
pid_t cgroup_fork(int fd, int *entered)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP,
				   .exit_signal = SIGCHLD,
				   .cgroup = (uint32_t)fd };
	long pid = -1;

	if (fd >= 0)
		pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0) {
		pid = fork();
		if (pid == 0)
			*entered = cgroup_enter(fd);
	} else if (pid == 0) {
		*entered = cgroup_enter(-1);
	}
	return pid < 0 ? -errno : (pid_t)pid;
}

static void kill_all(int dir)
{
	cleanup_close int kill_fd = openat(dir, "cgroup.kill", O_WRONLY | O_CLOEXEC);
	cleanup_free char *procs = NULL;
	char *rest;

	if (kill_fd >= 0 && write_all(kill_fd, "1", 1) == 0)
		return;
	if (read_file(dir, "cgroup.procs", PROC_FILE_MAX, &procs, NULL) < 0)
		return;
	rest = procs;
	for (char *word; (word = strsep(&rest, "\n")) != NULL;) {
		pid_t pid = (pid_t)strtol(word, NULL, 10);

		if (pid > 1)
			(void)kill(pid, SIGKILL);
	}
}

int cgroup_remove(const char *path, struct error *err)
{
	static const struct timespec pause = { .tv_nsec = REMOVE_PAUSE_NS };
	cleanup_close int dir = -1;

	if (path[0] == '\0' || rmdir(path) == 0 || errno == ENOENT)
		return 0;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "open %s", path);
	kill_all(dir);
	for (int i = 0; i < REMOVE_TRIES; i++) {
		if (rmdir(path) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			break;
		(void)nanosleep(&pause, NULL);
	}
	return error_set(err, errno, "remove %s", path);
}
