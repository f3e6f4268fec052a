/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/tree_digest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fsverity.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "runtime/host/open_in_root.h"
#include "util/bytes.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/file.h"
#include "util/printable.h"

#define SHOWN_MOST 160 /* bytes of a path in an error */
#define PATH_LEN (TREE_DEPTH_MOST * (NAME_MAX + 1))

struct walk {
	struct measuring *measuring;
	struct sha256 *sha256; /* of the whole tree */
	unsigned int depth;
	size_t path_len;
	char path[PATH_LEN + NAME_MAX + 2]; /* "": the root */
	uint8_t buffer[MEASURING_BUFFER];   /* the most that an attribute has, and more */
};

/* --- what is hashed --------------------------------------------------------------------------- */

static void add_byte(struct walk *walk, char byte)
{
	sha256_add(walk->sha256, &byte, 1);
}

static void add_u32(struct walk *walk, uint32_t value)
{
	uint8_t bytes[4];

	put_be32(bytes, value);
	sha256_add(walk->sha256, bytes, sizeof(bytes));
}

static void add_bytes(struct walk *walk, const void *bytes, size_t len)
{
	add_u32(walk, (uint32_t)len);
	sha256_add(walk->sha256, bytes, len);
}

static void add_begin(struct walk *walk, char type, const struct stat *st)
{
	add_bytes(walk, walk->path, walk->path_len);
	add_byte(walk, type);
	add_u32(walk, st->st_mode & 07777);
	add_u32(walk, st->st_uid);
	add_u32(walk, st->st_gid);
}

/* --- one file --------------------------------------------------------------------------------- */

int tree_open(int path_fd, int flags)
{
	char path[32];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", path_fd);
	/* Who has a lease of the file does not make us wait. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOATIME | O_CLOEXEC | flags);
	return fd < 0 ? -errno : fd;
}

/* Those that say who may do what; others differ between hosts and containers. */
static int add_attributes(struct walk *walk, int fd, struct error *err)
{
	static const char *const names[] = { "security.capability", "system.posix_acl_access",
					     "system.posix_acl_default" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ssize_t n = fgetxattr(fd, names[i], walk->buffer, sizeof(walk->buffer));

		if (n < 0 && errno != ENODATA && errno != EOPNOTSUPP)
			return error_set(err, errno, "attribute %s", names[i]);
		add_bytes(walk, walk->buffer, n < 0 ? 0 : (size_t)n);
	}
	return 0;
}

/* 1: the file has a digest that its file system checks whenever the file is read. */
static int add_verity(struct walk *walk, int fd, struct error *err)
{
	union {
		struct fsverity_digest head;
		uint8_t room[sizeof(struct fsverity_digest) + 64];
	} digest = { .head.digest_size = 64 };

	if (ioctl(fd, FS_IOC_MEASURE_VERITY, &digest) < 0) {
		if (errno == ENODATA || errno == ENOTTY || errno == EOPNOTSUPP)
			return 0;
		return error_set(err, errno, "digest of fs-verity");
	}
	add_byte(walk, 'v');
	add_u32(walk, digest.head.digest_algorithm);
	add_bytes(walk, digest.head.digest, digest.head.digest_size);
	return 1;
}

static int add_content(struct walk *walk, int fd, struct error *err)
{
	uint8_t digest[SHA256_SIZE];
	int r = add_verity(walk, fd, err);

	if (r != 0)
		return r < 0 ? r : 0;
	r = measuring_read(walk->measuring, fd, walk->buffer, digest, err);
	add_byte(walk, 's');
	sha256_add(walk->sha256, digest, sizeof(digest));
	return r;
}

static int add_regular(struct walk *walk, int path_fd, const struct stat *st, struct error *err)
{
	cleanup_close int fd = tree_open(path_fd, 0);
	int r;

	if (fd < 0)
		return error_set(err, -fd, "cannot be opened");
	add_begin(walk, 'f', st);
	r = add_attributes(walk, fd, err);
	return r < 0 ? r : add_content(walk, fd, err);
}

static int add_link(struct walk *walk, int path_fd, const struct stat *st, struct error *err)
{
	ssize_t n = readlinkat(path_fd, "", (char *)walk->buffer, sizeof(walk->buffer));

	if (n < 0)
		return error_set(err, errno, "cannot be read");
	add_begin(walk, 'l', st);
	add_bytes(walk, walk->buffer, (size_t)n);
	return 0;
}

static void add_special(struct walk *walk, const struct stat *st)
{
	const bool device = S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode);

	if (device)
		add_begin(walk, S_ISCHR(st->st_mode) ? 'c' : 'b', st);
	else
		add_begin(walk, S_ISFIFO(st->st_mode) ? 'p' : 's', st);
	add_u32(walk, device ? major(st->st_rdev) : 0);
	add_u32(walk, device ? minor(st->st_rdev) : 0);
}

/* --- directories ------------------------------------------------------------------------------ */

struct names {
	char **names;
	size_t count, room;
};

static void names_done(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->names[i]);
	free(names->names);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int names_add(struct names *names, const char *name)
{
	if (names->count == names->room) {
		size_t room = 2 * names->room + 32;
		char **more = reallocarray(names->names, room, sizeof(*more));

		if (more == NULL)
			return -ENOMEM;
		names->names = more;
		names->room = room;
	}
	names->names[names->count] = strdup(name);
	if (names->names[names->count] == NULL)
		return -ENOMEM;
	names->count++;
	return 0;
}

/* All but "." and "..", in the order of their bytes. */
static int names_read(struct walk *walk, int fd, struct names *names, struct error *err)
{
	cleanup_with(closedirp) DIR *dir = open_entries(fd);
	const struct dirent *entry;
	int r = dir == NULL ? -errno : 0;

	while (r == 0 && (errno = 0, entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (++walk->measuring->files > TREE_FILES_MOST)
			return error_say(err, E2BIG, "there are more than %d files",
					 TREE_FILES_MOST);
		r = names_add(names, entry->d_name);
	}
	if (r == 0)
		r = -errno;
	if (r < 0)
		return error_set(err, -r, "cannot be listed");
	if (names->count > 0)
		qsort(names->names, names->count, sizeof(*names->names), compare);
	return 0;
}

static int add_entry(struct walk *walk, int dir, const char *name, struct error *err);

static int add_entries(struct walk *walk, int fd, struct error *err)
{
	__attribute__((cleanup(names_done))) struct names names = { 0 };
	int r = names_read(walk, fd, &names, err);

	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = add_entry(walk, fd, names.names[i], err);
	return r;
}

static int add_directory(struct walk *walk, int path_fd, const struct stat *st, struct error *err)
{
	cleanup_close int fd = tree_open(path_fd, O_DIRECTORY);
	int r;

	if (fd < 0)
		return error_set(err, -fd, "cannot be opened");
	if (walk->depth == TREE_DEPTH_MOST)
		return error_say(err, E2BIG, "more than %d directories in one another",
				 TREE_DEPTH_MOST);
	add_begin(walk, 'd', st);
	r = add_attributes(walk, fd, err);
	walk->depth++;
	if (r == 0)
		r = add_entries(walk, fd, err);
	walk->depth--;
	if (r < 0)
		return r;
	return measured_is_unchanged(fd, st)
		       ? 0
		       : error_say(err, EBUSY, "changed while it was measured");
}

static int add_file(struct walk *walk, int path_fd, struct error *err)
{
	struct stat st;

	if (fstat(path_fd, &st) < 0)
		return error_set(err, errno, "cannot be looked at");
	if (S_ISDIR(st.st_mode))
		return add_directory(walk, path_fd, &st, err);
	if (S_ISREG(st.st_mode))
		return add_regular(walk, path_fd, &st, err);
	if (S_ISLNK(st.st_mode))
		return add_link(walk, path_fd, &st, err);
	add_special(walk, &st);
	return 0;
}

/* What is mounted there is not of this tree, and never asked for anything. */
static int add_named(struct walk *walk, int dir, const char *name, struct error *err)
{
	static const struct stat nothing;
	cleanup_close int fd =
		open_in_root(dir, name, O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);

	if (fd == -EXDEV) {
		add_begin(walk, 'm', &nothing);
		return 0;
	}
	return fd < 0 ? error_set(err, -fd, "cannot be opened") : add_file(walk, fd, err);
}

/* After a failure the path stays: it says where that was. */
static int add_entry(struct walk *walk, int dir, const char *name, struct error *err)
{
	const size_t len = walk->path_len;
	int r;

	walk->path_len += (size_t)sprintf(walk->path + len, "%s%s", len > 0 ? "/" : "", name);
	r = measuring_go_on(walk->measuring, err);
	if (r == 0)
		r = add_named(walk, dir, name, err);
	if (r < 0)
		return r;
	walk->path[len] = '\0';
	walk->path_len = len;
	return 0;
}

/* As much of the path's end as a line has room for. */
static int name_file(const struct walk *walk, int r, struct error *err)
{
	cleanup_free char *path = text_printable(walk->path);
	const size_t len = path == NULL ? 0 : strlen(path);

	if (len > SHOWN_MOST)
		return error_prefix(err, r, "...%s", path + len - SHOWN_MOST);
	return error_prefix(err, r, "/%s", path == NULL ? "" : path);
}

int tree_digest(int root, struct measuring *measuring, uint8_t digest[static SHA256_SIZE],
		struct error *err)
{
	cleanup_with(sha256_freep) struct sha256 *sha256 = sha256_new();
	cleanup_free struct walk *walk = malloc(sizeof(*walk));
	int r;

	if (sha256 == NULL || walk == NULL)
		return error_set(err, ENOMEM, "measure a file system");
	walk->measuring = measuring;
	walk->sha256 = sha256;
	walk->depth = 0;
	walk->path_len = 0;
	walk->path[0] = '\0';
	r = add_file(walk, root, err);
	if (r < 0)
		return name_file(walk, r, err);
	sha256_end(sha256, digest);
	return 0;
}
