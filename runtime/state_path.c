/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/state_path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"
#include "util/user.h"

#define LOCK_FILE ".runc-lock"
#define DEPTH_MOST 16

/* Parts that do not exist cannot be resolved; they must mean what they say. */
static bool has_odd_part(const char *path)
{
	while (*path == '/') {
		size_t len = strcspn(++path, "/");

		if (len == 0 || (len <= 2 && strspn(path, ".") >= len))
			return true;
		path += len;
	}
	return false;
}

int state_path_resolve(const char *path, char ret[static PATH_MAX], bool *exists, struct error *err)
{
	char head[PATH_MAX], *cut;
	size_t len;

	if (strlen(path) >= sizeof(head))
		return error_set(err, ENAMETOOLONG, "%.64s...", path);
	(void)strcpy(head, path);
	*exists = true;
	while (realpath(head, ret) == NULL) {
		if (errno != ENOENT)
			return error_set(err, errno, "%s", path);
		/* A link that leads nowhere would become the directory, somewhere. */
		cut = strrchr(head, '/');
		if (cut == NULL || readlink(head, ret, PATH_MAX) >= 0)
			return error_set(err, ENOENT, "%s", path);
		*exists = false;
		*cut = '\0';
		if (head[0] == '\0')
			(void)strcpy(head, "/");
		if (cut == head)
			cut = NULL;
	}
	if (*exists)
		return 0;
	path += strcmp(head, "/") == 0 ? 0 : strlen(head);
	len = strcmp(ret, "/") == 0 ? 0 : strlen(ret);
	if (has_odd_part(path))
		return error_say(err, EINVAL, "%s: '.', '..' and '//' have no place in it", path);
	if (snprintf(ret + len, PATH_MAX - len, "%s", path) >= (int)(PATH_MAX - len))
		return error_set(err, ENAMETOOLONG, "%.64s...", path);
	return 0;
}

static int give_to(int dir, const char *run_as, const char *path, struct error *err)
{
	struct user user;
	int r;

	if (run_as == NULL)
		return 0;
	r = user_find(run_as, &user, err);
	if (r < 0)
		return r;
	if (fchown(dir, user.uid, user.gid) < 0)
		return error_set(err, errno, "give %s to %s", path, run_as);
	return 0;
}

static int take_lock(int dir, int *ret)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	cleanup_close int fd =
		openat(dir, LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
		return errno == EACCES || errno == EAGAIN ? -EBUSY : -errno;
	*ret = take_fd(fd);
	return 0;
}

int state_path_lock(const char *path, bool make, const char *run_as, int *lock_fd,
		    struct error *err)
{
	cleanup_close int dir = -1;
	int r;

	if (make) {
		r = open_dir_all(path, 0700, &dir, err);
		if (r == 0)
			r = give_to(dir, run_as, path, err);
		if (r < 0)
			return r;
	} else {
		dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (dir < 0)
			return error_set(err, errno, "open state directory %s", path);
	}
	r = take_lock(dir, lock_fd);
	if (r == -EBUSY)
		return error_say(err, EBUSY, "%s is in use by another vTPM", path);
	return r < 0 ? error_set(err, -r, "lock %s", path) : 0;
}

static DIR *open_stream(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;

	if (stream == NULL && fd >= 0)
		closep(&fd);
	return stream;
}

bool state_path_is_used(const char *path)
{
	cleanup_with(closedirp) DIR *stream = open_stream(AT_FDCWD, path);

	if (stream == NULL)
		return false;
	for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
		if (entry->d_name[0] != '.')
			return true;
	}
	return false;
}

/* Through descriptors and without following links: what is removed lies beneath DIR. */
static int remove_tree(int dir, const char *name, int depth)
{
	cleanup_with(closedirp) DIR *stream = NULL;

	if (depth > DEPTH_MOST)
		return -ELOOP;
	stream = open_stream(dir, name);
	if (stream == NULL)
		return -errno;
	for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
		int r = 0;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(stream), entry->d_name, 0) < 0)
			r = errno == EISDIR ? remove_tree(dirfd(stream), entry->d_name, depth + 1)
					    : -errno;
		if (r < 0 && r != -ENOENT)
			return r;
	}
	return unlinkat(dir, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int state_path_remove(const char *path, struct error *err)
{
	cleanup_close int lock_fd = -1;
	int r;

	if (strcmp(path, "/") == 0)
		return error_say(err, EINVAL, "/ is no state directory");
	r = state_path_lock(path, false, NULL, &lock_fd, err);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	r = remove_tree(AT_FDCWD, path, 0);
	return r < 0 && r != -ENOENT ? error_set(err, -r, "remove %s", path) : 0;
}
