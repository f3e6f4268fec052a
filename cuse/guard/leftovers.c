/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/guard/leftovers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/error.h"

/*
 * Kept by its directory's descriptor: paths lead elsewhere once the server has another root
 * directory.
 */
struct leftover {
	dev_t dev;
	ino_t ino;
	int dir_fd;
	char name[NAME_MAX + 1];
};

struct leftovers {
	struct leftover files[LEFTOVERS_MAX];
	int count, guarded;
	int guard_fd; /* -1: no guard */
};

int leftovers_new(bool guarded, int lock_fd, struct leftovers **ret, struct error *err)
{
	cleanup_with(leftovers_removep) struct leftovers *leftovers = calloc(1, sizeof(*leftovers));
	int r;

	if (leftovers == NULL)
		return error_set(err, ENOMEM, "start");
	leftovers->guard_fd = -1;
	r = guarded ? guard_start(lock_fd, &leftovers->guard_fd, err) : 0;
	if (r == 0)
		*ret = take_ptr(leftovers);
	return r;
}

static int add_own(struct leftovers *leftovers, const struct guard_message *file)
{
	struct leftover *own = &leftovers->files[leftovers->count];
	const char *slash = strrchr(file->path, '/');
	char dir[PATH_MAX];

	*own = (struct leftover){ .dev = file->dev, .ino = file->ino };
	(void)snprintf(dir, sizeof(dir), "%.*s/", (int)(slash - file->path), file->path);
	(void)snprintf(own->name, sizeof(own->name), "%s", slash + 1);
	own->dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (own->dir_fd < 0)
		return -errno;
	leftovers->count++;
	return 0;
}

static int add_guarded(struct leftovers *leftovers, const struct guard_message *file)
{
	int r = guard_tell(leftovers->guard_fd, file);

	leftovers->guarded += r == 0;
	return r;
}

int leftovers_add(struct leftovers *leftovers, const char *path, struct error *err)
{
	struct guard_message file = { .kind = GUARD_FILE };
	struct stat st;
	int r;

	if (leftovers->count == LEFTOVERS_MAX || leftovers->guarded == LEFTOVERS_MAX)
		return error_set(err, ENOSPC, "remember %s", path);
	/* Absolute: a daemon leaves the directory it was started in. */
	if (realpath(path, file.path) == NULL || lstat(path, &st) < 0)
		return error_set(err, errno, "remember %s", path);
	file.dev = st.st_dev;
	file.ino = st.st_ino;
	r = leftovers->guard_fd >= 0 ? add_guarded(leftovers, &file) : add_own(leftovers, &file);
	return r < 0 ? error_set(err, -r, "have %s removed at the end", path) : 0;
}

int leftovers_end_with(const struct leftovers *leftovers, const char *name, struct error *err)
{
	struct guard_message message = { .kind = GUARD_SERVING };
	int r;

	if (leftovers->guard_fd < 0)
		return 0;
	(void)snprintf(message.path, sizeof(message.path), "%s", name);
	r = guard_tell(leftovers->guard_fd, &message);
	return r < 0 ? error_set(err, -r, "have the end of %s told", name) : 0;
}

int leftovers_dirs(const struct leftovers *leftovers, int fds[static LEFTOVERS_MAX])
{
	for (int i = 0; i < leftovers->count; i++)
		fds[i] = leftovers->files[i].dir_fd;
	return leftovers->count;
}

static void remove_own(const struct leftover *file)
{
	struct stat st;

	if (fstatat(file->dir_fd, file->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_dev == file->dev && st.st_ino == file->ino)
		(void)unlinkat(file->dir_fd, file->name, 0);
	(void)close(file->dir_fd);
}

void leftovers_remove(struct leftovers *leftovers)
{
	if (leftovers == NULL)
		return;
	for (int i = 0; i < leftovers->count; i++)
		remove_own(&leftovers->files[i]);
	if (leftovers->guard_fd >= 0)
		guard_end(leftovers->guard_fd);
	free(leftovers);
}
