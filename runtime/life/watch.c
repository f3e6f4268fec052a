/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/life/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "runtime/host/cgroup.h"
#include "runtime/host/process.h"
#include "runtime/lease/book.h"
#include "runtime/lease/index.h"
#include "runtime/lease/lease.h"
#include "runtime/rule/backends.h"
#include "runtime/server/limit.h"
#include "runtime/server/limit_watch.h"
#include "util/capabilities.h"
#include "util/cleanup.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/file.h"
#include "util/lock_file.h"
#include "util/log.h"
#include "util/pidfd.h"

/* The capability that the kernel demands for asking which programs are attached. */
#define NEEDED (UINT64_C(1) << CAP_NET_ADMIN)

#define PAUSE_MS 250
#define LOCK_FILE ".watch"
#define PROGRAM "/proc/self/exe"

/* --- who is watched --- */

bool watch_is_needed(const struct lease *lease)
{
	bool served = lease->forgets_rules;

	for (size_t i = 0; i < lease->count; i++)
		served |= lease->vtpms[i].cgroup[0] != '\0';
	return served && lease->device_group[0] != '\0';
}

/* False: not one of those, or somebody works on it, who sees to rules and limits. */
static bool is_watched(const struct lease *lease)
{
	return watch_is_needed(lease) && lease->worker.pid == 0;
}

typedef int each_watched(const struct lease *lease, void *context);

/* A lease that cannot be read, or a failure with one, does not stop the others. */
static int for_watched(struct lease_book *book, each_watched *each, void *context)
{
	const char *name = NULL;
	int result = 0;

	while ((name = lease_index_next(lease_book_index(book), name)) != NULL) {
		cleanup_free struct lease *lease = NULL;
		int r = lease_book_read(book, name, &lease, NULL);

		if (r == 0 && is_watched(lease))
			r = each(lease, context);
		if (r < 0 && r != -ENOENT)
			result = r;
	}
	return result;
}

static int restore(const struct lease *lease, void *context)
{
	cleanup_free struct device_number *numbers =
		calloc(lease->count + 1, VTPM_NODES_MOST * sizeof(*numbers));
	struct error *err = context;
	struct cgroup_path group;
	int r;

	if (!lease->forgets_rules)
		return 0;
	if (numbers == NULL)
		return error_set(err, ENOMEM, "allow the devices of %s", lease->id);
	(void)strcpy(group.path, lease->device_group);
	(void)strcpy(group.mount, lease->device_mount);
	/* A container that is about to go has no group any more. */
	if (access(group.path, F_OK) < 0)
		return 0;
	r = device_rule_bpf_allow(&group, numbers, lease_numbers(lease, numbers), err);
	return r < 0 ? error_prefix(err, r, "container %s", lease->id) : 0;
}

int watch_restore(const char *run_dir, struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	int r = lease_book_open(run_dir, &book, err);

	return r < 0 ? r : for_watched(book, restore, err);
}

/* --- the watcher --- */

/* A group with a program that may be forgotten. */
struct watched {
	char path[PATH_MAX], mount[PATH_MAX];
	uint64_t programs; /* when it was looked at last; 0: not yet */
};

struct watcher {
	const char *run_dir;
	struct limit_watch *limits;
	bool stale; /* leases have come or gone since they were read */
	bool any;   /* container is watched */
	struct watched *groups;
	size_t count;
	int init_fd;   /* the first process of the container that it was started for; -1 */
	pid_t runtime; /* what started that container */
};

static void watcher_done(struct watcher *watcher)
{
	closep(&watcher->init_fd);
	limit_watch_close(watcher->limits);
	free(watcher->groups);
}

static int add_group(const struct lease *lease, void *context)
{
	struct watcher *watcher = context;
	struct watched *more, *group;

	watcher->any = true;
	limit_watch_add(watcher->limits, lease->device_mount, lease->device_group);
	if (!lease->forgets_rules)
		return 0;
	more = reallocarray(watcher->groups, watcher->count + 1, sizeof(*more));
	if (more == NULL)
		return -ENOMEM;
	watcher->groups = more;
	group = &more[watcher->count++];
	*group = (struct watched){ .programs = 0 };
	(void)strcpy(group->path, lease->device_group);
	(void)strcpy(group->mount, lease->device_mount);
	return 0;
}

/* Whether there is any, also one that somebody works on. */
static bool is_needed(struct lease_book *book)
{
	cleanup_free struct lease *lease = NULL;
	const char *name = NULL;

	while (lease_book_next(book, NULL, NULL, &name, &lease)) {
		if (lease->forgets_rules || watch_is_needed(lease))
			return true;
	}
	return false;
}

/*
 * Reads them anew where there is need. -ESRCH: no lease needs us. Who writes a lease starts a
 * watcher with the book open, so that the lock is given up before the book is closed.
 */
static int read_leases(struct watcher *watcher, int *lock_fd, struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	int r;

	if (!watcher->stale)
		return 0;
	r = lease_book_open(watcher->run_dir, &book, err);
	if (r < 0)
		return r;
	watcher->count = 0;
	watcher->any = watcher->stale = false;
	r = for_watched(book, add_group, watcher);
	if (r < 0)
		return error_set(err, -r, "read the leases");
	if (!watcher->any && !is_needed(book)) {
		closep(lock_fd);
		*lock_fd = -1;
		return -ESRCH;
	}
	return 0;
}

/* True: a program has come or gone since the last look. */
static bool look(struct watcher *watcher)
{
	bool changed = false;

	for (size_t i = 0; i < watcher->count; i++) {
		struct watched *group = &watcher->groups[i];
		struct cgroup_path path;
		uint64_t programs;

		(void)strcpy(path.path, group->path);
		(void)strcpy(path.mount, group->mount);
		programs = device_rule_bpf_programs(&path);
		changed |= programs != group->programs;
		group->programs = programs;
	}
	return changed;
}

/* By the program itself, run anew: as root it has the capabilities that we have given up. */
static void have_restored(const char *run_dir)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		(void)execl(PROGRAM, "vtpm-hook", "--run-dir", run_dir, "allow", NULL);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status != 0)
		log_warn("the rules for devices could not be made again");
}

/* Limits that change while they are applied are reported the next time. */
static void follow_limits(struct watcher *watcher)
{
	char group[PATH_MAX];

	watcher->stale |= limit_watch_read(watcher->limits);
	while (limit_watch_next(watcher->limits, group))
		servers_limit(watcher->run_dir, group);
}

/* False: we must end, as the runtime that is our parent would wait for us for ever. */
static bool pause_between_looks(struct watcher *watcher)
{
	struct pollfd fds[] = { { .fd = limit_watch_fd(watcher->limits), .events = POLLIN },
				{ .fd = watcher->init_fd, .events = POLLIN } };

	int ms = watcher->count > 0 ? PAUSE_MS : -1;

	(void)poll(fds, 2, watcher->stale ? 0 : ms);
	if (fds[1].revents == 0)
		return true;
	closep(&watcher->init_fd);
	watcher->init_fd = -1;
	return getppid() != watcher->runtime;
}

static int watch(struct watcher *watcher, int *lock_fd, struct error *err)
{
	for (;;) {
		int r = read_leases(watcher, lock_fd, err);

		if (r < 0)
			return r == -ESRCH ? 0 : r;
		if (look(watcher)) {
			have_restored(watcher->run_dir);
			(void)look(watcher); /* the program is ours now */
		}
		follow_limits(watcher);
		if (!pause_between_looks(watcher))
			return 0;
	}
}

int watch_run(const char *run_dir, int lock_fd, int init_fd, pid_t runtime, struct error *err)
{
	__attribute__((cleanup(watcher_done))) struct watcher watcher = {
		.run_dir = run_dir, .stale = true, .init_fd = init_fd, .runtime = runtime
	};
	cleanup_close int lock = lock_fd;
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/leases", run_dir) >= (int)sizeof(path))
		return error_set(err, ENAMETOOLONG, "open the leases in %.64s...", run_dir);
	if (limit_watch_open(path, &watcher.limits, err) < 0 ||
	    capabilities_limit(NEEDED, false, err) < 0)
		return -EPERM;
	return watch(&watcher, &lock, err);
}

/* --- its start --- */

/* Leaves the groups of the container's runtime and of the engine. */
static void enter_own_group(void)
{
	cleanup_view struct cgroup_view view = { 0 };
	char path[PATH_MAX];
	cleanup_close int group = -1;
	struct error err;

	if (cgroup_view_read(getpid(), &view) < 0)
		return;
	cgroup_watch_name(&view, path);
	if (cgroup_make(path, &group, &err) < 0 || cgroup_enter(group) < 0)
		log_warn("the watcher stays in the group of who started it: %s", path);
}

static int open_log(const char *run_dir)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/watch.log", run_dir) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return open_regular(AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT);
}

static void become(const char *run_dir, int lock_fd, int init_fd, pid_t runtime)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), log = open_log(run_dir);
	char lock_number[16], init_number[16], parent[16];

	(void)setsid();
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	(void)dup2(log >= 0 ? log : null, STDERR_FILENO);
	enter_own_group();
	(void)fcntl(lock_fd, F_SETFD, 0);
	if (init_fd >= 0)
		(void)fcntl(init_fd, F_SETFD, 0);
	(void)snprintf(lock_number, sizeof(lock_number), "%d", lock_fd);
	(void)snprintf(init_number, sizeof(init_number), "%d", init_fd < 0 ? 0 : init_fd);
	(void)snprintf(parent, sizeof(parent), "%d", runtime);
	if (chdir("/") == 0)
		(void)execl(PROGRAM, "vtpm-hook", "--run-dir", run_dir, "--lock-fd", lock_number,
			    "--init-fd", init_number, "--runtime-pid", parent, "watch", NULL);
	_exit(127);
}

/* A grandchild: nobody waits for it. */
static int spawn(const char *run_dir, int lock_fd, int init_fd)
{
	pid_t runtime = getppid();
	pid_t pid = fork();

	if (pid == 0) {
		pid = fork();
		if (pid == 0)
			become(run_dir, lock_fd, init_fd, runtime);
		_exit(pid < 0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return pid < 0 ? -errno : 0;
}

static int start(const char *run_dir, int init_fd, struct error *err)
{
	cleanup_close int dir = -1, lock_fd = -1;
	char path[PATH_MAX];
	int r;

	if (realpath(run_dir, path) == NULL)
		return error_set(err, errno, "%s", run_dir);
	r = open_dir(path, 0755, &dir, err);
	if (r < 0)
		return r;
	lock_fd = lock_file_try(dir, LOCK_FILE);
	if (lock_fd == -EBUSY)
		return 0;
	r = lock_fd < 0 ? lock_fd : spawn(path, lock_fd, init_fd);
	return r < 0 ? error_set(err, -r, "start the watcher") : 0;
}

int watch_start(const char *run_dir, const struct process *init, struct error *err)
{
	cleanup_close int init_fd = process_open(init);

	return start(run_dir, init_fd, err);
}

int watch_resume(const char *run_dir, struct lease_book *book, struct error *err)
{
	char path[PATH_MAX];

	/* If there is no lock file yet, no lease has needed a watcher. */
	if (snprintf(path, sizeof(path), "%s/" LOCK_FILE, run_dir) >= (int)sizeof(path) ||
	    access(path, F_OK) < 0)
		return 0;
	return is_needed(book) ? start(run_dir, -1, err) : 0;
}
