/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/error.h"
#include "util/path.h"

/* What the umask has taken away is put back; set-group-ID comes from above and stays. */
static int set_mode(int fd, mode_t mode)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if ((st.st_mode & 0777) == mode)
		return 0;
	return fchmod(fd, (st.st_mode & 07000) | mode) < 0 ? -errno : 0;
}

/*
 * One that was made is on disk with the one above it, which not everybody may read. EINVAL comes
 * from file systems that have no disk, as that of control groups.
 */
static int sync_above(int fd)
{
	cleanup_close int above = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (above < 0)
		return errno == EACCES ? 0 : -errno;
	return fsync(above) < 0 && errno != EINVAL ? -errno : 0;
}

static int open_made(const char *path, bool made, mode_t mode, int *ret, struct error *err)
{
	cleanup_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return error_set(err, errno, "open directory %s", path);
	r = made ? set_mode(fd, mode) : 0;
	if (r < 0)
		return error_set(err, -r, "change the mode of %s", path);
	r = made ? sync_above(fd) : 0;
	if (r < 0)
		return error_set(err, -r, "make directory %s", path);
	*ret = take_fd(fd);
	return 0;
}

int make_dir(int dir_fd, const char *name, mode_t mode)
{
	mode_t old = umask(0);
	int r = mkdirat(dir_fd, name, mode) < 0 ? -errno : 0;

	(void)umask(old);
	return r;
}

int open_dir(const char *path, mode_t mode, int *ret, struct error *err)
{
	const bool made = mkdir(path, mode) == 0;

	if (!made && errno != EEXIST)
		return error_set(err, errno, "make directory %s", path);
	return open_made(path, made, mode, ret, err);
}

/* One that is there is not opened: we may be allowed to pass through it only. */
static int make_parent(const char *path, struct error *err)
{
	cleanup_close int fd = -1;

	if (mkdir(path, 0755) == 0)
		return open_made(path, true, 0755, &fd, err);
	return errno == EEXIST ? 0 : error_set(err, errno, "make directory %s", path);
}

int open_dir_all(const char *path, mode_t mode, int *ret, struct error *err)
{
	char parent[PATH_MAX];
	int r;

	if (strlen(path) >= sizeof(parent))
		return error_set(err, ENAMETOOLONG, "make directory %.64s...", path);

	strcpy(parent, path);
	for (char *slash = strchr(parent + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		r = make_parent(parent, err);
		if (r < 0)
			return r;
		*slash = '/';
	}
	return open_dir(path, mode, ret, err);
}

DIR *open_entries(int dir_fd)
{
	cleanup_close int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;

	if (entries != NULL)
		(void)take_fd(fd); /* the stream has it */
	return entries;
}

int open_parent(const char *path, int *dir_fd, const char **name)
{
	char dir[PATH_MAX];
	int r = split_path(path, dir, name);

	if (r < 0)
		return r;
	*dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *dir_fd < 0 ? -errno : 0;
}
