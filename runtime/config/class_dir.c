/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/class_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/cleanup.h"
#include "util/error.h"
#include "util/dir.h"
#include "util/dir.h"
#include "util/file.h"

#define CLASS_MAX (64 << 10)
#define SUFFIX ".json"

/*
 * A sticky directory such as /tmp may be writable by all: only root and the owner can replace
 * entries of theirs.
 */
static int check_trusted(const struct stat *st, uid_t owner, const char *path, struct error *err)
{
	bool sticky = S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) != 0;

	if (st->st_uid != 0 && st->st_uid != owner)
		return error_say(err, EPERM, "%s is not root's", path);
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0 && !sticky)
		return error_say(err, EPERM, "%s can be written by others than root", path);
	return 0;
}

static int step_into(int *dir, const char *name, uid_t owner, const char *path, struct error *err)
{
	cleanup_close int next =
		openat(*dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r;

	if (next < 0 || fstat(next, &st) < 0)
		return error_set(err, errno, "open %s", path);
	r = check_trusted(&st, owner, path, err);
	if (r < 0)
		return r;
	closep(dir);
	*dir = take_fd(next);
	return 0;
}

int class_dir_open(const char *path, uid_t owner, int *ret, struct error *err)
{
	cleanup_close int dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char head[PATH_MAX], name[NAME_MAX + 1];
	const char *part = path;

	if (dir < 0 || path[0] != '/' || strlen(path) >= sizeof(head))
		return error_set(err, dir < 0 ? errno : EINVAL, "open %s", path);
	for (part += strspn(part, "/"); *part != '\0'; part += strspn(part, "/")) {
		size_t len = strcspn(part, "/");
		int r;

		if (len > NAME_MAX)
			return error_set(err, ENAMETOOLONG, "open %s", path);
		(void)snprintf(name, sizeof(name), "%.*s", (int)len, part);
		part += len;
		(void)snprintf(head, sizeof(head), "%.*s", (int)(part - path), path);
		r = step_into(&dir, name, owner, head, err);
		if (r < 0)
			return r;
	}
	*ret = take_fd(dir);
	return 0;
}

static bool is_class_file(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > strlen(SUFFIX) &&
	       strcmp(name + len - strlen(SUFFIX), SUFFIX) == 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_name(char ***names, size_t *count, const char *file)
{
	char **more = reallocarray(*names, *count + 1, sizeof(char *));

	if (more == NULL)
		return -ENOMEM;
	*names = more;
	more[*count] = strndup(file, strlen(file) - strlen(SUFFIX));
	if (more[*count] == NULL)
		return -ENOMEM;
	(*count)++;
	return 0;
}

int class_dir_names(const char *path, uid_t owner, char ***ret, size_t *count, struct error *err)
{
	cleanup_with(closedirp) DIR *stream = NULL;
	cleanup_close int dir = -1;
	char **names = NULL;
	size_t n = 0;
	int r;

	r = class_dir_open(path, owner, &dir, err);
	if (r < 0)
		return r;
	stream = open_entries(dir);
	if (stream == NULL)
		return error_set(err, errno, "read %s", path);
	for (struct dirent *entry; r == 0 && (entry = readdir(stream)) != NULL;) {
		if (is_class_file(entry->d_name))
			r = add_name(&names, &n, entry->d_name);
	}
	if (r < 0) {
		class_dir_free_names(names, n);
		return error_set(err, -r, "read %s", path);
	}
	if (n > 0)
		qsort(names, n, sizeof(names[0]), by_name);
	*ret = names;
	*count = n;
	return 0;
}

void class_dir_free_names(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static int no_such_class(const char *path, uid_t owner, const char *name, struct error *err)
{
	char list[128] = "";
	char **names = NULL;
	size_t count = 0, used = 0;

	if (class_dir_names(path, owner, &names, &count, NULL) == 0) {
		for (size_t i = 0; i < count && used < sizeof(list); i++)
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%.32s",
						 i > 0 ? ", " : "", names[i]);
		class_dir_free_names(names, count);
	}
	return error_say(err, ENOENT, "there is no class '%.32s'; there %s: %s", name,
			 count == 1 ? "is" : "are", count > 0 ? list : "none");
}

static int open_class(int dir, const char *file, uid_t owner, const char *path, struct stat *st,
		      int *ret, struct error *err)
{
	cleanup_close int fd =
		openat(dir, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int r;

	if (fd < 0 && errno == ELOOP)
		return error_say(err, EPERM, "%s/%s is a symbolic link", path, file);
	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0 || fstat(fd, st) < 0)
		return error_set(err, errno, "open %s/%s", path, file);
	if (!S_ISREG(st->st_mode))
		return error_say(err, EPERM, "%s/%s is not a regular file", path, file);
	r = check_trusted(st, owner, file, err);
	if (r < 0)
		return error_prefix(err, r, "%s", path);
	*ret = take_fd(fd);
	return 0;
}

int class_dir_read(const char *path, uid_t owner, const char *name, struct vtpm_class *ret,
		   struct error *err)
{
	cleanup_close int dir = -1, fd = -1;
	char file[CLASS_NAME_LEN + sizeof(SUFFIX)];
	cleanup_free char *text = NULL;
	struct stat st;
	size_t len;
	int r;

	if (!class_name_is_valid(name))
		return error_say(err, EINVAL, "'%.64s' is not a class's name", name);
	(void)snprintf(file, sizeof(file), "%s" SUFFIX, name);
	r = class_dir_open(path, owner, &dir, err);
	if (r < 0)
		return r;
	r = open_class(dir, file, owner, path, &st, &fd, err);
	if (r < 0)
		return r == -ENOENT ? no_such_class(path, owner, name, err) : r;
	r = read_whole(fd, CLASS_MAX, &text, &len);
	if (r < 0)
		return error_set(err, -r, "read %s/%s", path, file);
	r = class_parse(name, text, len, ret, err);
	if (r < 0)
		return r;
	if (class_has_password(ret) && (st.st_mode & 077) != 0) {
		class_done(ret);
		return error_say(err, EPERM, "others than root can read the password in %s/%s",
				 path, file);
	}
	return 0;
}
