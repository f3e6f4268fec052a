/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/dir.h"
#include "util/error.h"

int pwrite_all(int fd, const void *data, size_t len, off_t offset)
{
	const uint8_t *p = data;

	for (size_t done = 0; done < len;) {
		ssize_t n = offset < 0 ? write(fd, p + done, len - done)
				       : pwrite(fd, p + done, len - done, offset + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return 0;
}

int write_all(int fd, const void *data, size_t len)
{
	return pwrite_all(fd, data, len, -1);
}

ssize_t pread_full(int fd, void *data, size_t len, off_t offset)
{
	uint8_t *p = data;
	size_t done = 0;

	while (done < len) {
		ssize_t n = offset < 0 ? read(fd, p + done, len - done)
				       : pread(fd, p + done, len - done, offset + (off_t)done);

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

ssize_t read_full(int fd, void *data, size_t len)
{
	return pread_full(fd, data, len, -1);
}

int read_whole(int fd, size_t most, char **ret, size_t *len)
{
	char *text = malloc(most + 1);
	ssize_t n;

	if (text == NULL)
		return -ENOMEM;
	n = read_full(fd, text, most + 1);
	if (n < 0 || (size_t)n > most) {
		explicit_bzero(text, most + 1); /* it may be a key all the same */
		free(text);
		return n < 0 ? (int)n : -EFBIG;
	}
	text[n] = '\0';
	if (len != NULL)
		*len = (size_t)n;
	*ret = text;
	return 0;
}

/* Nothing is waited for while it is opened: a FIFO would wait for a writer. */
#define SAFELY (O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* Of a socket, and of a FIFO without a reader, open() says ENXIO. */
static int judge_open(int fd, struct stat *st)
{
	if (fd < 0)
		return errno == ENXIO ? -ENOTREG : -errno;
	if (fstat(fd, st) < 0)
		return -errno;
	return S_ISDIR(st->st_mode) ? -EISDIR : 0;
}

int open_regular(int dir_fd, const char *name, int flags)
{
	cleanup_close int fd = openat(dir_fd, name, flags | O_NOFOLLOW | SAFELY, 0600);
	struct stat st;
	int r = judge_open(fd, &st);

	if (r < 0)
		return r;
	return S_ISREG(st.st_mode) ? take_fd(fd) : -ENOTREG;
}

/* What a shell puts in the place of <(...), or a pipe at /dev/stdin: it has no name in a directory.
 */
static bool is_nameless_pipe(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PIPEFS_MAGIC;
}

int open_input(const char *path)
{
	cleanup_close int fd = open(path, O_RDONLY | SAFELY);
	struct stat st;
	int r = judge_open(fd, &st);

	if (r < 0)
		return r;
	if (is_nameless_pipe(fd))
		return fcntl(fd, F_SETFL, 0) < 0 ? -errno : take_fd(fd);
	return S_ISREG(st.st_mode) ? take_fd(fd) : -ENOTREG;
}

int read_file(int dir_fd, const char *name, size_t most, char **ret, size_t *len)
{
	cleanup_close int fd = open_regular(dir_fd, name, O_RDONLY);

	return fd < 0 ? fd : read_whole(fd, most, ret, len);
}

int read_path(const char *path, size_t most, char **ret, size_t *len)
{
	cleanup_close int fd = open_input(path);

	return fd < 0 ? fd : read_whole(fd, most, ret, len);
}

/* What a new file is to be. */
struct content {
	const void *data;
	size_t len;
	file_preparer *prepare;
	const void *context;
};

static int set_mode(int fd, const void *context)
{
	return fchmod(fd, *(const mode_t *)context) < 0 ? -errno : 0;
}

static int fill(int fd, const struct content *content)
{
	int r = write_all(fd, content->data, content->len);

	if (r == 0)
		r = content->prepare(fd, content->context);
	return r == 0 && fdatasync(fd) < 0 ? -errno : r;
}

/* Writes a temporary file whose name nobody else uses; it is removed again on failure. */
static int write_temporary(int dir_fd, const char *name, const struct content *content,
			   char *temporary, size_t size)
{
	cleanup_close int fd = -1;
	uint32_t unique;
	int r;

	if (getrandom(&unique, sizeof(unique), 0) != sizeof(unique))
		return -EIO;
	if (snprintf(temporary, size, ".%s.%08x", name, unique) >= (int)size)
		return -ENAMETOOLONG;

	fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = fill(fd, content);
	if (r < 0)
		(void)unlinkat(dir_fd, temporary, 0);
	return r;
}

int replace_file_with(int dir_fd, const char *name, const void *data, size_t len,
		      file_preparer *prepare, const void *context)
{
	const struct content content = { data, len, prepare, context };
	char temporary[NAME_MAX];
	int r;

	r = write_temporary(dir_fd, name, &content, temporary, sizeof(temporary));
	if (r < 0)
		return r;
	if (renameat(dir_fd, temporary, dir_fd, name) < 0) {
		r = -errno;
		(void)unlinkat(dir_fd, temporary, 0);
		return r;
	}
	return fsync(dir_fd) < 0 ? -errno : 0;
}

int replace_file(int dir_fd, const char *name, const void *data, size_t len, mode_t mode)
{
	return replace_file_with(dir_fd, name, data, len, set_mode, &mode);
}

/*
 * The file has no name before it is whole, and a crash leaves nothing. -EOPNOTSUPP where the file
 * system has no such files, or there is no /proc.
 */
static int create_unnamed(int dir_fd, const char *name, const struct content *content)
{
	cleanup_close int fd = openat(dir_fd, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
	char path[32];
	int r;

	if (fd < 0)
		return errno == EISDIR ? -EOPNOTSUPP : -errno;
	r = fill(fd, content);
	if (r < 0)
		return r;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, path, dir_fd, name, AT_SYMLINK_FOLLOW) < 0)
		return errno == ENOENT ? -EOPNOTSUPP : -errno;
	return 0;
}

static int create_named(int dir_fd, const char *name, const struct content *content)
{
	char temporary[NAME_MAX];
	int r;

	r = write_temporary(dir_fd, name, content, temporary, sizeof(temporary));
	if (r < 0)
		return r;
	/* link() refuses to replace; rename() would not. */
	r = linkat(dir_fd, temporary, dir_fd, name, 0) < 0 ? -errno : 0;
	(void)unlinkat(dir_fd, temporary, 0);
	return r;
}

int create_file(int dir_fd, const char *name, const void *data, size_t len, mode_t mode)
{
	const struct content content = { data, len, set_mode, &mode };
	int r = create_unnamed(dir_fd, name, &content);

	if (r == -EOPNOTSUPP)
		r = create_named(dir_fd, name, &content);
	if (r < 0)
		return r;
	return fsync(dir_fd) < 0 ? -errno : 0;
}

static int write_through(int dir_fd, const char *name, const void *data, size_t len, mode_t mode)
{
	cleanup_close int fd =
		openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, mode);

	return fd < 0 ? -errno : write_all(fd, data, len);
}

int write_output(const char *path, const void *data, size_t len, mode_t mode)
{
	cleanup_close int dir_fd = -1;
	const char *name;
	struct stat st;
	int r = open_parent(path, &dir_fd, &name);

	if (r < 0)
		return r;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode))
		return write_through(dir_fd, name, data, len, mode);
	return replace_file(dir_fd, name, data, len, mode);
}

int memory_file(const char *name, unsigned int flags, const void *data, size_t len)
{
	cleanup_close int fd = memfd_create(name, flags);
	int r = fd < 0 ? -errno : write_all(fd, data, len);

	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	return r < 0 ? r : take_fd(fd);
}
