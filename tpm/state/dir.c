/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <linux/magic.h>

#include "tpm/state/holder.h"
#include "tpm/state/place.h"
#include "util/cleanup.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/file.h"
#include "util/lock_file.h"
#include "util/path.h"
#include "util/uid_range.h"
#include "util/user.h"

#define LOCK_NAME STATE_DIR_LOCK
#define STATES_DIR LOCALSTATEDIR "/lib/vtpm-cuse"

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

static bool is_taken_from(const struct state_dir *dir, uid_t uid)
{
	struct user user;

	return uid == 0 || uid == dir->uid || uid_range_has(dir->take_from, uid) ||
	       uid_range_has(&uid_range_default, uid) ||
	       (user_find(STATE_USER, &user, NULL) == 0 && uid == user.uid);
}

int state_dir_check_owner(const struct state_dir *dir, uid_t uid, const char *name,
			  struct error *err)
{
	if (is_taken_from(dir, uid))
		return 0;
	return error_say(err, EPERM,
			 "%s%s%s belongs to user %u, whose states are not taken over: see "
			 "vtpm-setup chown",
			 dir->path, name != NULL ? "/" : "", name != NULL ? name : "",
			 (unsigned int)uid);
}

static bool is_writable_by(const struct stat *st, const struct state_dir *dir)
{
	return dir->read_only || dir->uid == (uid_t)-1 || dir->uid == 0 || st->st_uid == dir->uid ||
	       (st->st_gid == dir->gid && (st->st_mode & S_IWGRP) != 0);
}

static int check_dir(const struct state_dir *dir, struct error *err)
{
	uid_t user = dir->uid == (uid_t)-1 ? geteuid() : dir->uid;
	struct stat st;

	if (fstat(dir->fd, &st) < 0)
		return error_set(err, errno, "open %s", dir->path);
	if ((st.st_mode & S_IWOTH) != 0)
		return error_say(err, EPERM, "%s can be written by everybody", dir->path);
	if (dir->take_from != NULL)
		return state_dir_check_owner(dir, st.st_uid, NULL, err);
	/* Who owns it may put another TPM there at any time. */
	if (!dir->read_only && st.st_uid != 0 && st.st_uid != user)
		return error_say(err, EPERM,
				 "%s belongs to user %u, who is neither root nor user %u",
				 dir->path, (unsigned int)st.st_uid, (unsigned int)user);
	if (!is_writable_by(&st, dir))
		return error_say(err, EACCES, "%s cannot be written by user %u", dir->path,
				 (unsigned int)dir->uid);
	return 0;
}

bool state_dir_has_name(const char *name)
{
	return strncmp(name + (name[0] == '.'), "tpm.", 4) == 0;
}

int state_dir_check_parent(const char *path, struct error *err)
{
	char parent[PATH_MAX];
	const char *name;
	struct stat st;

	if (split_path(path, parent, &name) < 0 || stat(parent, &st) == 0 || errno != ENOENT)
		return 0; /* whatever else is wrong is said when it is opened */
	if (strcmp(parent, STATES_DIR) == 0 && make_dir(AT_FDCWD, STATES_DIR, 0700) == 0)
		return 0;
	return error_say(err, ENOENT, "the state in %s: there is no directory %s", path, parent);
}

static int open_or_make(struct state_dir *dir, bool may_make, struct error *err)
{
	int r = may_make ? state_dir_check_parent(dir->path, err) : 0;

	if (r < 0)
		return r;
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

/* PID, 0: of whom the kernel does not tell; LOCK_FD, -1: it cannot be opened. */
static int say_in_use(const struct state_dir *dir, pid_t pid, int lock_fd, struct error *err)
{
	struct holder holder;

	if (pid == 0)
		return error_say(err, EBUSY, "%s is in use by another process: see vtpm-ctl list",
				 dir->path);
	if (lock_fd < 0 || holder_read(lock_fd, &holder) < 0 || holder.pid != pid)
		return error_say(err, EBUSY, "%s is in use by process %d: see vtpm-ctl list",
				 dir->path, (int)pid);
	return error_say(
		err, EBUSY,
		"%s is in use by process %d, which serves /dev/%s: vtpm-ctl stop %s ends it",
		dir->path, (int)pid, holder.name, holder.name);
}

/* Somebody has locked the directory ITSELF, or the file in it. */
static int is_in_use(const struct state_dir *dir, bool itself, struct error *err)
{
	cleanup_close int lock_fd = open_regular(dir->fd, LOCK_NAME, O_RDONLY);
	int fd = itself ? dir->fd : lock_fd;
	pid_t pid = fd >= 0 ? lock_file_holder(fd) : 0;

	return say_in_use(dir, pid, lock_fd, err);
}

/*
 * The file that is locked can be removed, the directory's own lock goes with the directory. Not all
 * file systems have it, nor does swtpm look at it.
 */
static int lock_itself(const struct state_dir *dir, struct error *err)
{
	if (flock(dir->fd, (dir->read_only ? LOCK_SH : LOCK_EX) | LOCK_NB) < 0 &&
	    errno == EWOULDBLOCK)
		return is_in_use(dir, true, err);
	return 0;
}

static int lock_name(struct state_dir *dir, struct error *err)
{
	int fd = dir->read_only ? lock_file_share(dir->fd, LOCK_NAME)
				: lock_file_try(dir->fd, LOCK_NAME);
	struct stat st;

	if (fd == -ENOENT && dir->read_only)
		return 0;
	if (fd == -EBUSY)
		return is_in_use(dir, false, err);
	if (fd < 0)
		return error_set(err, -fd, "lock %s/%s", dir->path, LOCK_NAME);
	closep(&dir->lock_fd);
	dir->lock_fd = fd;
	if (fstat(fd, &st) < 0)
		return error_set(err, errno, "lock %s/%s", dir->path, LOCK_NAME);
	if (st.st_nlink > 1)
		return error_say(err, EPERM, "%s/%s has another name, too: it may be anybody's",
				 dir->path, LOCK_NAME);
	dir->lock_inode = st.st_ino;
	if (dir->serves != NULL)
		holder_write(fd, dir->serves);
	if (dir->read_only || dir->uid == (uid_t)-1 || dir->take_from != NULL ||
	    fchown(fd, dir->uid, dir->gid) == 0)
		return 0;
	return error_set(err, errno, "change the owner of %s/%s", dir->path, LOCK_NAME);
}

static bool is_on_memory(int fd)
{
	struct statfs fs;
	uint32_t type;

	if (fstatfs(fd, &fs) < 0)
		return false;
	type = (uint32_t)fs.f_type; /* signed or not, 32 or 64 bits: as the architecture has it */
	return type == TMPFS_MAGIC || type == RAMFS_MAGIC;
}

static int finish_open(struct state_dir *dir, struct error *err)
{
	int r = lock_itself(dir, err);

	if (r == 0)
		r = lock_name(dir, err);
	dir->is_memory = is_on_memory(dir->fd);
	return r;
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
		r = finish_open(dir, err);
	if (r < 0)
		state_dir_done(dir);
	return r;
}

int state_dir_open_private(struct state_dir *dir, int fd, struct error *err)
{
	int r;

	dir->lock_fd = -1;
	dir->made = false;
	dir->take_from = NULL;
	dir->is_private = true;
	dir->fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = copy_path(STATE_DIR_MEMORY, &dir->path, err);
	if (r == 0 && dir->fd < 0)
		r = error_set(err, errno, "open %s", dir->path);
	if (r == 0)
		r = finish_open(dir, err);
	if (r < 0)
		state_dir_done(dir);
	return r;
}

int state_dir_settle(struct state_dir *dir, const char *name)
{
	int r = dir->place == NULL && !dir->is_private ? place_new(dir->fd, &dir->place) : 0;

	if (dir->place != NULL)
		place_settle(dir->place);
	dir->serves = name;
	holder_write(dir->lock_fd, name);
	return r;
}

/* Who starts at its path finds no TPM there, and would make one. */
static int check_place(const struct state_dir *dir, struct error *err)
{
	struct stat st;

	if (fstat(dir->fd, &st) == 0 && st.st_nlink == 0)
		return error_say(err, ESTALE, "%s was removed under the running TPM", dir->path);
	if (place_was_left(dir->place))
		return error_say(err, ESTALE, "%s was moved away under the running TPM", dir->path);
	return 0;
}

int state_dir_check(struct state_dir *dir, struct error *err)
{
	struct stat st;
	int r = check_place(dir, err);

	if (r < 0)
		return r;
	if (fstatat(dir->fd, LOCK_NAME, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return error_set(err, errno, "look for %s/%s", dir->path, LOCK_NAME);
	} else if (st.st_ino == dir->lock_inode) {
		return 0;
	}
	r = lock_name(dir, err);
	if (r == -EBUSY)
		return error_say(err, ESTALE, "%s/%s was removed, and another process has it now",
				 dir->path, LOCK_NAME);
	return r < 0 ? r : 1;
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
	closep(&dir->lock_fd);
	closep(&dir->fd);
	place_free(dir->place);
	dir->place = NULL;
	free(dir->path);
	dir->path = NULL;
}
