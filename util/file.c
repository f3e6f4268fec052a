/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/error.h"

int write_all(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int pwrite_all(int fd, const void *data, size_t len, off_t offset)
{
	const uint8_t *p = data;

	while (len > 0) {
		ssize_t n = pwrite(fd, p, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
		offset += n;
	}
	return 0;
}

ssize_t read_full(int fd, void *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, (uint8_t *)data + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

ssize_t pread_full(int fd, void *data, size_t len, off_t offset)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(fd, (uint8_t *)data + done, len - done, offset + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int read_file(int dir_fd, const char *name, size_t most, char **ret, size_t *len)
{
	cleanup_close int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	cleanup_free char *text = NULL;
	ssize_t n;

	if (fd < 0)
		return -errno;
	text = malloc(most + 1);
	if (text == NULL)
		return -ENOMEM;

	n = read_full(fd, text, most + 1);
	if (n < 0)
		return (int)n;
	if ((size_t)n > most)
		return -EFBIG;

	text[n] = '\0';
	if (len != NULL)
		*len = (size_t)n;
	*ret = take_ptr(text);
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
	int fd, r = make_dir(AT_FDCWD, path, mode);

	if (r < 0 && r != -EEXIST)
		return error_set(err, -r, "make directory %s", path);

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "open directory %s", path);
	*ret = fd;
	return 0;
}

int open_dir_all(const char *path, mode_t mode, int *ret, struct error *err)
{
	char parent[PATH_MAX];

	if (strlen(path) >= sizeof(parent))
		return error_set(err, ENAMETOOLONG, "make directory %.64s...", path);

	strcpy(parent, path);
	for (char *slash = strchr(parent + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		int r;

		*slash = '\0';
		r = make_dir(AT_FDCWD, parent, 0755);
		if (r < 0 && r != -EEXIST)
			return error_set(err, -r, "make directory %s", parent);
		*slash = '/';
	}
	return open_dir(path, mode, ret, err);
}

int open_parent(const char *path, int *dir_fd, const char **name)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX] = ".";
	size_t len = 0;

	if (slash != NULL)
		len = slash == path ? 1 : (size_t)(slash - path);
	if (len >= sizeof(parent))
		return -ENAMETOOLONG;
	if (len > 0) {
		memcpy(parent, path, len);
		parent[len] = '\0';
	}
	*name = slash != NULL ? slash + 1 : path;
	if (**name == '\0')
		return -EINVAL;
	*dir_fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *dir_fd < 0 ? -errno : 0;
}

/* Writes a temporary file whose name nobody else uses; it is removed again on failure. */
static int write_temporary(int dir_fd, const char *name, const void *data, size_t len, mode_t mode,
			   char *temporary, size_t size)
{
	cleanup_close int fd = -1;
	uint32_t unique;
	int r;

	if (getrandom(&unique, sizeof(unique), 0) != sizeof(unique))
		return -EIO;
	if (snprintf(temporary, size, ".%s.%08x", name, unique) >= (int)size)
		return -ENAMETOOLONG;

	fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	r = write_all(fd, data, len);
	if (r == 0 && (fchmod(fd, mode) < 0 || fdatasync(fd) < 0))
		r = -errno;
	if (r < 0)
		(void)unlinkat(dir_fd, temporary, 0);
	return r;
}

int replace_file(int dir_fd, const char *name, const void *data, size_t len, mode_t mode)
{
	char temporary[NAME_MAX];
	int r;

	r = write_temporary(dir_fd, name, data, len, mode, temporary, sizeof(temporary));
	if (r < 0)
		return r;
	if (renameat(dir_fd, temporary, dir_fd, name) < 0) {
		r = -errno;
		(void)unlinkat(dir_fd, temporary, 0);
		return r;
	}
	return fsync(dir_fd) < 0 ? -errno : 0;
}

int create_file(int dir_fd, const char *name, const void *data, size_t len, mode_t mode)
{
	char temporary[NAME_MAX];
	int r;

	r = write_temporary(dir_fd, name, data, len, mode, temporary, sizeof(temporary));
	if (r < 0)
		return r;
	/* link() refuses to replace; rename() would not. */
	r = linkat(dir_fd, temporary, dir_fd, name, 0) < 0 ? -errno : 0;
	(void)unlinkat(dir_fd, temporary, 0);
	if (r < 0)
		return r;
	return fsync(dir_fd) < 0 ? -errno : 0;
}
