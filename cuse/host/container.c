/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/host/container.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

#include "cuse/device/threads.h"
#include "cuse/device/turns.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/file.h"
#include "util/group.h"
#include "util/log.h"
#include "util/watches.h"

#define GRACE_SECONDS 10
#define TEXT_MOST 255

struct follow {
	const char *name;
	struct turns *turns;
	struct threads *threads;
	struct watches *watches;
	int group_dir;  /* the container's control group, -1: none */
	int group_fd;   /* cgroup.events or freezer.state in there, -1: none */
	int inotify_fd; /* v1: reports changes; -1: the group's file reports them itself */
	int state_fd;   /* the runtime's directory of the container, -1: none */
	int bundle_fd;  /* -1: none */
	int rootfs_dir; /* in which the container's files are, -1: not known */
	const char *rootfs;
	int runtime_fd; /* a pidfd, -1: none */
	struct watch changes, end, ticks;
	unsigned int gone; /* seconds since the container is gone */
	bool frozen;
};

bool follow_is_frozen(const char *text)
{
	return strncmp(text, "frozen 1\n", 9) == 0 || strstr(text, "\nfrozen 1\n") != NULL ||
	       strcmp(text, "FROZEN\n") == 0 || strcmp(text, "FREEZING\n") == 0;
}

/* Negative: the group is gone. */
static int read_group(const struct follow *follow, char text[static TEXT_MOST + 1])
{
	ssize_t n = pread_full(follow->group_fd, text, TEXT_MOST, 0);

	text[n > 0 ? n : 0] = '\0';
	return n < 0 ? (int)n : 0;
}

static void set_frozen(struct follow *follow, bool frozen)
{
	if (frozen == follow->frozen)
		return;
	follow->frozen = frozen;
	log_debug("%s: the container is %s", follow->name, frozen ? "frozen" : "thawed");
	if (frozen)
		turns_freeze(follow->turns, FREEZE_CONTAINER);
	else
		turns_thaw(follow->turns, FREEZE_CONTAINER);
}

/* Reads whether the group is frozen. False: the group is gone, and so not frozen. */
static bool look(struct follow *follow)
{
	char text[TEXT_MOST + 1];
	bool there = read_group(follow, text) == 0;

	set_frozen(follow, there && follow_is_frozen(text));
	return there;
}

static bool on_change(void *context)
{
	_Alignas(struct inotify_event) char events[4096];
	struct follow *follow = context;

	while (follow->inotify_fd >= 0 && read(follow->inotify_fd, events, sizeof(events)) > 0)
		;
	return look(follow);
}

/* A removed directory has no links left. */
static bool is_removed(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 || st.st_nlink == 0;
}

/* We may not be allowed to look, which tells nothing. */
static bool is_missing(int dir_fd, const char *name)
{
	struct stat st;

	return dir_fd >= 0 && fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
	       errno == ENOENT;
}

static bool is_gone(const struct follow *follow)
{
	/* A killed runtime may leave an empty group behind. */
	if (follow->group_dir >= 0 && group_is_populated(follow->group_dir))
		return false;
	return follow->state_fd < 0 || is_removed(follow->state_fd) ||
	       (follow->bundle_fd >= 0 && is_removed(follow->bundle_fd)) ||
	       is_missing(follow->rootfs_dir, follow->rootfs);
}

static bool on_tick(void *context)
{
	struct follow *follow = context;
	uint64_t count;

	if (read(follow->ticks.fd, &count, sizeof(count)) <= 0)
		return true;
	follow->gone = is_gone(follow) ? follow->gone + 1 : 0;
	/* Thaw: an empty frozen group has no one left to thaw it. */
	if (follow->gone > 0)
		set_frozen(follow, false);
	if (follow->gone < GRACE_SECONDS)
		return true;
	log_info("%s: stopping, the container is gone", follow->name);
	threads_stop(follow->threads);
	return false;
}

static bool is_waited_for(const struct follow *follow)
{
	struct pollfd ended = { .fd = follow->runtime_fd, .events = POLLIN };

	return follow->runtime_fd >= 0 && poll(&ended, 1, 0) == 0;
}

/* Starts the looks once a second, which are needed only from the process's end on. */
static bool on_end(void *context)
{
	static const struct itimerspec each_second = { .it_value = { .tv_sec = 1 },
						       .it_interval = { .tv_sec = 1 } };
	const struct follow *follow = context;

	if (is_waited_for(follow)) {
		log_info("%s: stopping with the container", follow->name);
		threads_stop(follow->threads);
		return false;
	}
	(void)timerfd_settime(follow->ticks.fd, 0, &each_second, NULL);
	return false;
}

/*
 * v2: cgroup.events itself can be polled for changes. v1: freezer.state needs an inotify instance;
 * a user has 128 of them (fs.inotify.max_user_instances).
 */
static int watch_group(struct follow *follow, const char *path, bool v2)
{
	follow->changes.ready = on_change;
	follow->changes.context = follow;
	follow->changes.fd = follow->group_fd;
	follow->changes.events = EPOLLPRI;
	if (v2)
		return watches_add(follow->watches, &follow->changes);

	follow->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (follow->inotify_fd < 0 || inotify_add_watch(follow->inotify_fd, path, IN_MODIFY) < 0)
		return -errno;
	follow->changes.fd = follow->inotify_fd;
	follow->changes.events = EPOLLIN;
	return watches_add(follow->watches, &follow->changes);
}

static int open_group(struct follow *follow, const char *cgroup, struct error *err)
{
	static const char *const files[] = { "cgroup.events", "freezer.state" };
	char path[PATH_MAX];
	size_t i;
	int r;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (snprintf(path, sizeof(path), "%s/%s", cgroup, files[i]) >= (int)sizeof(path))
			return error_set(err, ENAMETOOLONG, "--follow-cgroup");
		follow->group_fd = open(path, O_RDONLY | O_CLOEXEC);
		if (follow->group_fd >= 0)
			break;
	}
	if (follow->group_fd < 0)
		return error_set(err, errno, "--follow-cgroup: open %s", path);
	follow->group_dir = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (follow->group_dir < 0)
		return error_set(err, errno, "--follow-cgroup: open %s", cgroup);
	r = watch_group(follow, path, i == 0);
	if (r < 0)
		return error_set(err, -r, "--follow-cgroup: watch %s", path);
	(void)look(follow); /* after adding the watch, so that no change is missed */
	return 0;
}

static int open_end(struct follow *follow, struct error *err)
{
	follow->end.ready = on_end;
	follow->end.context = follow;
	follow->ticks.ready = on_tick;
	follow->ticks.context = follow;
	follow->ticks.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (follow->ticks.fd < 0 || watches_add(follow->watches, &follow->ticks) < 0 ||
	    watches_add(follow->watches, &follow->end) < 0)
		return error_set(err, errno, "--follow-pid");
	return 0;
}

int follow_open(const struct follow_options *options, struct follow **ret, struct error *err)
{
	cleanup_with(follow_closep) struct follow *follow = calloc(1, sizeof(*follow));
	int r = 0;

	if (follow == NULL)
		return error_set(err, ENOMEM, "follow the container");
	follow->name = options->name;
	follow->turns = options->turns;
	follow->threads = options->threads;
	follow->watches = options->watches;
	follow->group_dir = follow->group_fd = follow->inotify_fd = follow->ticks.fd = -1;
	follow->end.fd = options->pid_fd;
	follow->runtime_fd = options->runtime_fd;
	/* A runtime may not have made it yet: then there is no need to wait for its end. */
	follow->state_fd = follow->bundle_fd = follow->rootfs_dir = -1;
	if (options->rootfs != NULL)
		(void)open_parent(options->rootfs, &follow->rootfs_dir, &follow->rootfs);
	if (options->state != NULL)
		follow->state_fd = open(options->state, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (options->bundle != NULL)
		follow->bundle_fd = open(options->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (options->cgroup != NULL)
		r = open_group(follow, options->cgroup, err);
	if (r == 0 && options->pid_fd >= 0)
		r = open_end(follow, err);
	if (r == 0)
		*ret = take_ptr(follow);
	return r;
}

int follow_group(const struct follow *follow)
{
	return follow->group_dir;
}

void follow_close(struct follow *follow)
{
	if (follow == NULL)
		return;
	closep(&follow->inotify_fd);
	closep(&follow->end.fd);
	closep(&follow->runtime_fd);
	closep(&follow->ticks.fd);
	closep(&follow->state_fd);
	closep(&follow->bundle_fd);
	closep(&follow->rootfs_dir);
	closep(&follow->group_fd);
	closep(&follow->group_dir);
	free(follow);
}
