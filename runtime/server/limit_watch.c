/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/server/limit_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "runtime/host/limits.h"
#include "util/error.h"

#define NAMES_CHANGE (IN_CREATE | IN_MOVED_TO | IN_DELETE)

struct group {
	int number; /* the kernel's */
	bool changed;
	char *path;
};

struct limit_watch {
	int fd;
	struct group *groups;
	size_t count;
};

int limit_watch_open(const char *names, struct limit_watch **ret, struct error *err)
{
	cleanup_with(limit_watch_closep) struct limit_watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		return error_set(err, ENOMEM, "watch limits");
	watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->fd < 0)
		return error_set(err, errno, "watch limits");
	if (inotify_add_watch(watch->fd, names, NAMES_CHANGE) < 0)
		return error_set(err, errno, "watch %s", names);
	*ret = take_ptr(watch);
	return 0;
}

void limit_watch_close(struct limit_watch *watch)
{
	if (watch == NULL)
		return;
	for (size_t i = 0; i < watch->count; i++)
		free(watch->groups[i].path);
	free(watch->groups);
	closep(&watch->fd);
	free(watch);
}

int limit_watch_fd(const struct limit_watch *watch)
{
	return watch->fd;
}

static struct group *find_group(const struct limit_watch *watch, int number)
{
	for (size_t i = 0; i < watch->count; i++) {
		if (watch->groups[i].number == number)
			return &watch->groups[i];
	}
	return NULL;
}

static void add_group(struct limit_watch *watch, const char *path)
{
	int number = inotify_add_watch(watch->fd, path, IN_MODIFY | IN_ONLYDIR);
	cleanup_free char *copy = NULL;
	struct group *more;

	if (number < 0 || find_group(watch, number) != NULL)
		return;
	copy = strdup(path);
	more = reallocarray(watch->groups, watch->count + 1, sizeof(*more));
	if (more != NULL)
		watch->groups = more;
	if (more == NULL || copy == NULL) {
		(void)inotify_rm_watch(watch->fd, number);
		return;
	}
	more[watch->count++] = (struct group){ number, true, take_ptr(copy) };
}

void limit_watch_add(struct limit_watch *watch, const char *mount, const char *group)
{
	const size_t top = strlen(mount);
	char path[PATH_MAX];

	if (strncmp(group, mount, top) != 0 || strlen(group) >= sizeof(path))
		return;
	(void)strcpy(path, group);
	for (char *slash; strlen(path) > top && (slash = strrchr(path, '/')) != NULL; *slash = '\0')
		add_group(watch, path);
}

static bool is_followed(const struct inotify_event *event)
{
	for (const char *const *name = limits_followed; event->len > 0 && *name != NULL; name++) {
		if (strcmp(event->name, *name) == 0)
			return true;
	}
	return false;
}

static void forget_group(struct limit_watch *watch, struct group *group)
{
	free(group->path);
	*group = watch->groups[--watch->count];
}

/* A lost event may have concerned any group. */
static void take_event(struct limit_watch *watch, const struct inotify_event *event)
{
	struct group *group = find_group(watch, event->wd);

	for (size_t i = 0; (event->mask & IN_Q_OVERFLOW) != 0 && i < watch->count; i++)
		watch->groups[i].changed = true;
	if (group != NULL && (event->mask & IN_IGNORED) != 0)
		forget_group(watch, group);
	else if (group != NULL && is_followed(event))
		group->changed = true;
}

bool limit_watch_read(struct limit_watch *watch)
{
	_Alignas(struct inotify_event) char events[4096];
	bool names = false;
	ssize_t n;

	while ((n = read(watch->fd, events, sizeof(events))) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *event = (const void *)(events + at);

			take_event(watch, event);
			names |= (event->mask & (NAMES_CHANGE | IN_Q_OVERFLOW)) != 0;
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	}
	return names;
}

bool limit_watch_next(struct limit_watch *watch, char ret[static PATH_MAX])
{
	for (size_t i = 0; i < watch->count; i++) {
		struct group *group = &watch->groups[i];

		if (!group->changed)
			continue;
		group->changed = false;
		(void)strcpy(ret, group->path);
		return true;
	}
	return false;
}
