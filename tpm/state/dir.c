/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "util/file.h"
#include "util/lock_file.h"

#define LOCK_NAME ".lock"

static int copy_path(const char *path, char **ret, struct error *err)
{
	size_t len = strlen(path);

	/* A slash at the end would follow a symbolic link. */
	while (len > 1 && path[len - 1] == '/')
		len--;
	if (len == 0)
		return error_say(err, EINVAL, "the state directory has no name");
	*ret = strndup(path, len);
	return *ret == NULL ? error_set(err, ENOMEM, "open %s", path) : 0;
}

static bool is_writable_by(const struct stat *st, const struct state_dir *dir)
{
	return dir->uid == (uid_t)-1 || dir->uid == 0 || st->st_uid == dir->uid ||
	       (st->st_gid == dir->gid && (st->st_mode & S_IWGRP) != 0);
}

static int check_dir(const struct state_dir *dir, struct error *err)
{
	struct stat st;

	if (fstat(dir->fd, &st) < 0)
		return error_set(err, errno, "open %s", dir->path);
	if ((st.st_mode & S_IWOTH) != 0)
		return error_say(err, EPERM, "%s can be written by everybody", dir->path);
	if (!is_writable_by(&st, dir))
		return error_say(err, EACCES, "%s cannot be written by user %u", dir->path,
				 (unsigned int)dir->uid);
	return 0;
}

static int open_or_make(struct state_dir *dir, bool may_make, struct error *err)
{
	if (may_make && mkdir(dir->path, 0700) == 0)
		dir->made = true;
	else if (may_make && errno != EEXIST)
		return error_set(err, errno, "make directory %s", dir->path);

	dir->fd = open(dir->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir->fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return error_say(err, ENOTDIR, "%s is not a directory, or a symbolic link to one",
				 dir->path);
	if (dir->fd < 0)
		return error_set(err, errno, "open %s", dir->path);
	if (dir->made && dir->uid != (uid_t)-1 && fchown(dir->fd, dir->uid, dir->gid) < 0)
		return error_set(err, errno, "change the owner of %s", dir->path);
	return check_dir(dir, err);
}

static int lock(struct state_dir *dir, struct error *err)
{
	dir->lock_fd = lock_file_try(dir->fd, LOCK_NAME);
	if (dir->lock_fd == -EBUSY)
		return error_say(err, EBUSY, "%s is in use by another process", dir->path);
	if (dir->lock_fd < 0)
		return error_set(err, -dir->lock_fd, "lock %s/%s", dir->path, LOCK_NAME);
	if (dir->uid != (uid_t)-1 && fchown(dir->lock_fd, dir->uid, dir->gid) < 0)
		return error_set(err, errno, "change the owner of %s/%s", dir->path, LOCK_NAME);
	return 0;
}

int state_dir_open(struct state_dir *dir, const char *path, bool may_make, struct error *err)
{
	int r;

	dir->fd = -1;
	dir->lock_fd = -1;
	dir->made = false;
	r = copy_path(path, &dir->path, err);
	if (r == 0)
		r = open_or_make(dir, may_make, err);
	if (r == 0)
		r = lock(dir, err);
	if (r < 0)
		state_dir_done(dir);
	return r;
}

int state_dir_write(const struct state_dir *dir, const char *name, const void *data, size_t len,
		    struct error *err)
{
	int r = replace_file(dir->fd, name, data, len, 0600);

	if (r == 0 && dir->uid != (uid_t)-1 &&
	    fchownat(dir->fd, name, dir->uid, dir->gid, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	return r < 0 ? error_set(err, -r, "write %s/%s", dir->path, name) : 0;
}

void state_dir_done(struct state_dir *dir)
{
	if (dir->path == NULL)
		return;
	if (dir->made && dir->lock_fd >= 0)
		(void)unlinkat(dir->fd, LOCK_NAME, 0);
	if (dir->made)
		(void)rmdir(dir->path);
	if (dir->lock_fd >= 0)
		(void)close(dir->lock_fd);
	if (dir->fd >= 0)
		(void)close(dir->fd);
	free(dir->path);
	dir->path = NULL;
}
