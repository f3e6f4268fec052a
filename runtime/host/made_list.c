/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/made_list.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/dir.h"
#include "util/file.h"
#include "util/name_hash.h"

#define NAME_DIGITS 32

static int list_path(const char *lib_dir, char ret[static PATH_MAX])
{
	return snprintf(ret, PATH_MAX, "%s/made", lib_dir) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int open_list(const char *lib_dir)
{
	char list[PATH_MAX];
	int fd, r = list_path(lib_dir, list);

	if (r < 0)
		return r;
	fd = open(list, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* LIBDIR also has secrets of others, so it is made for root alone. */
static int make_list(const char *lib_dir)
{
	cleanup_close int lib = -1, fd = -1;
	char list[PATH_MAX];
	int r = list_path(lib_dir, list);

	if (r == 0)
		r = open_dir_all(lib_dir, 0700, &lib, NULL);
	if (r == 0)
		r = open_dir(list, 0700, &fd, NULL);
	return r < 0 ? r : take_fd(fd);
}

int made_list_add(const char *lib_dir, const char *path)
{
	char name[NAME_DIGITS + 1];
	cleanup_close int dir = make_list(lib_dir);

	if (dir < 0)
		return dir;
	name_hash(path, NAME_DIGITS, name);
	return replace_file(dir, name, path, strlen(path), 0600);
}

void made_list_remove(const char *lib_dir, const char *path)
{
	char name[NAME_DIGITS + 1];
	cleanup_close int dir = open_list(lib_dir);

	name_hash(path, NAME_DIGITS, name);
	if (dir >= 0)
		(void)unlinkat(dir, name, 0);
}

/* A file whose name does not match the path in it is not ours. */
static void visit_file(int dir, const char *file, made_list_visit *visit, void *context)
{
	char name[NAME_DIGITS + 1];
	cleanup_free char *path = NULL;
	size_t len;

	if (file[0] == '.' || read_file(dir, file, PATH_MAX - 1, &path, &len) < 0 ||
	    path[0] != '/' || strlen(path) != len)
		return;
	name_hash(path, NAME_DIGITS, name);
	if (strcmp(name, file) == 0)
		visit(path, context);
}

void made_list_each(const char *lib_dir, made_list_visit *visit, void *context)
{
	cleanup_close int dir = open_list(lib_dir);
	cleanup_with(closedirp) DIR *stream = dir >= 0 ? open_entries(dir) : NULL;

	for (struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;)
		visit_file(dir, entry->d_name, visit, context);
}
