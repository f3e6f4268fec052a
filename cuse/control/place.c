/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/control/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "cuse/control/client.h"
#include "util/clock.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/lock_file.h"
#include "util/user.h"

/* Users of the socket can pass through the directory, but not list it. */
#define DIR_MODE 0711

/* How long a busy machine may take to remove a few files. */
#define PATIENCE_MS 20000

struct control_place {
	int all_fd; /* CONTROL_DIR */
	int dir_fd; /* -1: not taken yet */
	char name[NAME_MAX + 1];
};

/* Users of the sockets pass through this directory, so it is 0755 whatever the umask. */
static int open_all(int *ret, struct error *err)
{
	mode_t saved = umask(022);
	int r = open_dir_all(CONTROL_DIR, 0755, ret, err);

	(void)umask(saved);
	return r;
}

static int check_free(const char *name, struct error *err)
{
	cleanup_close int fd = -1;
	int r = control_connect(name, &fd, NULL);

	if (r == -ENOENT || r == -ECONNREFUSED)
		return 0;
	return error_say(err, EEXIST, "name %s is taken: its control socket in %s answers", name,
			 CONTROL_DIR);
}

static int open_own(const struct control_place *place)
{
	if (mkdirat(place->all_fd, place->name, 0700) < 0 && errno != EEXIST)
		return -errno;
	return openat(place->all_fd, place->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* flock() belongs to the open file: a child inherits it, and it ends with the last descriptor. */
static int lock(int fd)
{
	static const struct timespec pause = { .tv_nsec = 2000000 };
	int64_t end = monotonic_ms() + PATIENCE_MS;

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK || monotonic_ms() > end)
			return -errno;
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

/* A remover holds the lock, so the directory may be gone by the time we get it: look again then. */
static int open_and_lock(struct control_place *place, struct error *err)
{
	int r = 0;

	while (r == 0 && place->dir_fd < 0) {
		cleanup_close int fd = open_own(place);

		r = fd < 0 ? -errno : lock(fd);
		if (r == 0 && lock_file_is_current(place->all_fd, place->name, fd))
			place->dir_fd = take_fd(fd);
	}
	return r < 0 ? error_set(err, -r, "have %s/%s to ourselves", CONTROL_DIR, place->name) : 0;
}

/*
 * The user of an earlier server may have changed the directory. Take it over first, so that nobody
 * else can change it, then empty it.
 */
static int clear(const struct control_place *place, const char *name, struct error *err)
{
	struct sockaddr_un before;
	int r = control_address_before(name, &before, err);

	if (r < 0)
		return r;
	if (fchown(place->dir_fd, geteuid(), getegid()) < 0 || fchmod(place->dir_fd, DIR_MODE) < 0)
		return error_set(err, errno, "take over %s/%s", CONTROL_DIR, place->name);
	if (unlinkat(place->dir_fd, SERVER_SOCKET, 0) < 0 && errno != ENOENT)
		return error_set(err, errno, "remove the stale socket in %s/%s", CONTROL_DIR,
				 place->name);
	if (unlink(before.sun_path) < 0 && errno != ENOENT)
		return error_set(err, errno, "remove the stale %s", before.sun_path);
	return 0;
}

int control_place_take(const char *name, struct control_place **ret, struct error *err)
{
	cleanup_with(control_place_leavep) struct control_place *place = calloc(1, sizeof(*place));
	int r;

	if (place == NULL)
		return error_set(err, ENOMEM, "make a control socket");
	place->all_fd = place->dir_fd = -1;
	server_dir_name(name, place->name);
	r = open_all(&place->all_fd, err);
	if (r == 0)
		r = check_free(name, err);
	if (r == 0)
		r = open_and_lock(place, err);
	if (r == 0)
		r = clear(place, name, err);
	if (r == 0)
		*ret = take_ptr(place);
	return r;
}

int control_place_dir(const struct control_place *place)
{
	return place->dir_fd;
}

int control_place_give(struct control_place *place, const struct user *user, struct error *err)
{
	closep(&place->all_fd); /* a server keeps only its own directory open */
	place->all_fd = -1;
	if (fchown(place->dir_fd, user->uid, user->gid) < 0)
		return error_set(err, errno, "give %s/%s to our user", CONTROL_DIR, place->name);
	return 0;
}

void control_place_leave(struct control_place *place)
{
	if (place == NULL)
		return;
	if (place->dir_fd >= 0)
		(void)unlinkat(place->dir_fd, SERVER_SOCKET, 0);
	if (place->dir_fd >= 0 && place->all_fd >= 0)
		(void)unlinkat(place->all_fd, place->name, AT_REMOVEDIR);
	closep(&place->dir_fd);
	closep(&place->all_fd);
	free(place);
}
