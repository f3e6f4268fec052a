/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/state_path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/host/file_id.h"
#include "runtime/host/made_for.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/dir.h"
#include "util/file.h"
#include "util/lock_file.h"
#include "util/path.h"
#include "util/user.h"

#define LOCK_FILE ".runc-lock"
#define SERVER_LOCK_FILE ".lock"
#define DEPTH_MOST 16
#define IDENTITY_FILE "tpm.identity"
#define IDENTITY_FILE_MAX 4096

/* Missing parts cannot be resolved, so "." and ".." are refused in them. */
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
	char whole[PATH_MAX], head[PATH_MAX], *cut;
	size_t len;

	if (strlen(path) >= sizeof(head))
		return error_set(err, ENAMETOOLONG, "%.64s...", path);
	(void)strcpy(whole, path);
	for (len = strlen(whole); len > 1 && whole[len - 1] == '/'; len--)
		whole[len - 1] = '\0';
	(void)strcpy(head, whole);
	*exists = true;
	while (realpath(head, ret) == NULL) {
		if (errno != ENOENT)
			return error_set(err, errno, "%s", path);
		/* A directory would be made where the dangling link leads. */
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
	path = whole + (strcmp(head, "/") == 0 ? 0 : strlen(head));
	len = strcmp(ret, "/") == 0 ? 0 : strlen(ret);
	if (has_odd_part(path))
		return error_say(err, EINVAL, "%s: '.', '..' and '//' have no place in it", path);
	if (snprintf(ret + len, PATH_MAX - len, "%s", path) >= (int)(PATH_MAX - len))
		return error_set(err, ENAMETOOLONG, "%.64s...", path);
	return 0;
}

/* No part of PATH is followed as a link, whoever may have put one there since it was resolved. */
static int open_plain(int dir, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_NO_SYMLINKS };
	long fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

/* Opens, and makes where it is missing, the directory that PATH is in; *NAME is what is left. */
static int make_parents(const char *path, int *ret, const char **name)
{
	cleanup_close int dir = open_plain(AT_FDCWD, path[0] == '/' ? "/" : ".");
	const char *slash;

	path += strspn(path, "/");
	for (; dir >= 0 && (slash = strchr(path, '/')) != NULL; path = slash + 1) {
		char part[NAME_MAX + 1];
		int next;

		if (slash - path > NAME_MAX)
			return -ENAMETOOLONG;
		(void)sprintf(part, "%.*s", (int)(slash - path), path);
		next = open_plain(dir, part);
		if (next == -ENOENT) {
			int r = make_dir(dir, part, 0700);

			if (r < 0 && r != -EEXIST)
				return r;
			next = open_plain(dir, part);
		}
		closep(&dir);
		dir = next;
	}
	if (dir < 0)
		return dir;
	*ret = take_fd(dir);
	*name = path;
	return 0;
}

static bool is_empty(int dir, bool but_hidden)
{
	cleanup_with(closedirp) DIR *stream = open_entries(dir);

	if (stream == NULL)
		return false;
	for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
		if (entry->d_name[0] != '.' || (!but_hidden && strcmp(entry->d_name, ".") != 0 &&
						strcmp(entry->d_name, "..") != 0))
			return false;
	}
	return true;
}

/*
 * Opens the directory that was just made. The parent's owner may have put another one there; an
 * empty one of ours is as good.
 */
static int open_made(int parent, const char *name, struct file_id *id)
{
	cleanup_close int dir = open_plain(parent, name);
	struct stat st;

	if (dir < 0)
		return dir;
	if (fstat(dir, &st) < 0)
		return -errno;
	if (st.st_uid != geteuid() || !is_empty(dir, false))
		return -ESTALE;
	*id = file_id_of(&st);
	return take_fd(dir);
}

static int fail(int r, const char *what, const char *path, struct error *err)
{
	if (r == -EBUSY)
		return error_say(err, EBUSY, "%s is in use by another vTPM", path);
	if (r == -ESTALE)
		return error_say(err, ESTALE, "%s is not the directory that was made for the vTPM",
				 path);
	return error_set(err, -r, "%s %s", what, path);
}

int state_path_make(const char *path, const char *run_as, const char *container, struct file_id *id,
		    struct error *err)
{
	cleanup_close int parent = -1, dir = -1;
	struct user user;
	const char *name;
	int r;

	r = run_as != NULL ? user_find(run_as, &user, err) : 0;
	if (r < 0)
		return r;
	r = make_parents(path, &parent, &name);
	if (r == 0)
		r = make_dir(parent, name, 0700);
	if (r == 0)
		r = dir = open_made(parent, name, id);
	if (r >= 0 && container != NULL)
		r = made_for_write(dir, container);
	if (r < 0)
		return fail(r, "make state directory", path, err);
	if (run_as != NULL && fchown(dir, user.uid, user.gid) < 0)
		return error_set(err, errno, "give %s to %s", path, run_as);
	return 0;
}

int state_path_mark(const char *path, struct made_for *ret)
{
	cleanup_close int dir = open_plain(AT_FDCWD, path);

	return dir < 0 ? -ENOENT : made_for_read(dir, ret);
}

int state_path_unmark(const char *path)
{
	cleanup_close int dir = open_plain(AT_FDCWD, path);

	return dir < 0 ? dir : made_for_remove(dir);
}

static int check_id(int dir, const struct file_id *id)
{
	struct file_id found;
	struct stat st;

	if (fstat(dir, &st) < 0)
		return -errno;
	found = file_id_of(&st);
	return !file_id_known(id) || file_id_same(&found, id) ? 0 : -ESTALE;
}

int state_path_lock(const char *path, const struct file_id *id, int *lock_fd, struct error *err)
{
	cleanup_close int dir = open_plain(AT_FDCWD, path);
	int r = dir;

	if (r >= 0)
		r = check_id(dir, id);
	if (r < 0)
		return fail(r, "open state directory", path, err);
	r = lock_file_try(dir, LOCK_FILE);
	if (r < 0)
		return fail(r, "lock", path, err);
	*lock_fd = r;
	return 0;
}

bool state_path_is_used(const char *path)
{
	cleanup_close int dir = open_plain(AT_FDCWD, path);

	return dir >= 0 && !is_empty(dir, true);
}

/* vtpm-state(5) describes the file. */
int state_path_identity(const char *path, char ret[static ENTRY_IDENTITY_LEN + 1])
{
	cleanup_close int dir = open_plain(AT_FDCWD, path);
	cleanup_free char *text = NULL;
	char end;
	int r = dir;

	if (r >= 0)
		r = read_file(dir, IDENTITY_FILE, IDENTITY_FILE_MAX, &text, NULL);
	if (r < 0)
		return r;
	if (sscanf(text, "id %32[0-9a-f]%c", ret, &end) != 2 || end != '\n' ||
	    strlen(ret) != ENTRY_IDENTITY_LEN)
		return -EINVAL;
	return 0;
}

/*
 * Through descriptors and without following links: what is removed lies beneath DIR. At depth 0 the
 * mark stays.
 */
static int remove_content(int dir, int depth)
{
	cleanup_with(closedirp) DIR *stream = open_entries(dir);

	if (depth > DEPTH_MOST)
		return -ELOOP;
	if (stream == NULL)
		return -errno;
	for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
		cleanup_close int sub = -1;
		int r = 0;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    (depth == 0 && strcmp(entry->d_name, MADE_FOR_NAME) == 0))
			continue;
		if (unlinkat(dir, entry->d_name, 0) < 0)
			r = -errno;
		if (r == -EISDIR)
			r = sub = open_plain(dir, entry->d_name);
		if (sub >= 0)
			r = remove_content(sub, depth + 1);
		if (sub >= 0 && r == 0 && unlinkat(dir, entry->d_name, AT_REMOVEDIR) < 0)
			r = -errno;
		if (r < 0 && r != -ENOENT)
			return r;
	}
	return 0;
}

/* The locks of programs that know nothing of containers: tpm/state/dir.c takes the same. */
static int lock_server_out(int dir, int *lock_fd)
{
	int r = lock_file_try(dir, SERVER_LOCK_FILE);

	if (r < 0)
		return r;
	*lock_fd = r;
	if (flock(dir, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return errno == EWOULDBLOCK ? -EBUSY : -errno;
}

static int open_in_parent(const char *path, int *parent, const char **name, int *dir)
{
	char head[PATH_MAX];
	int r = split_path(path, head, name);

	if (r < 0)
		return r;
	*parent = open_plain(AT_FDCWD, head);
	if (*parent < 0)
		return *parent;
	*dir = open_plain(*parent, *name);
	return *dir < 0 ? *dir : 0;
}

int state_path_remove(const char *path, const struct file_id *id, struct error *err)
{
	cleanup_close int parent = -1, dir = -1, lock_fd = -1, server_lock_fd = -1;
	const char *name;
	int r;

	r = open_in_parent(path, &parent, &name, &dir);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = check_id(dir, id);
	/* A directory that is not known to be ours is removed only if it is empty. */
	if (r == 0 && file_id_known(id))
		lock_fd = lock_file_try(dir, LOCK_FILE);
	if (r == 0 && file_id_known(id))
		r = lock_fd < 0 ? lock_fd : lock_server_out(dir, &server_lock_fd);
	if (r == 0 && file_id_known(id))
		r = remove_content(dir, 0);
	/* The mark goes last, so that what a power cut leaves can be recognized. */
	if (r == 0 && file_id_known(id))
		r = fsync(dir) < 0 ? -errno : remove_content(dir, 1);
	if (r == 0 && unlinkat(parent, name, AT_REMOVEDIR) < 0)
		r = -errno;
	return r < 0 && r != -ENOENT ? fail(r, "remove", path, err) : 0;
}

int state_path_remove_made(const char *path, const char *container, struct error *err)
{
	cleanup_close int dir = open_plain(AT_FDCWD, path);
	struct file_id id = { 0 };
	struct made_for mark;
	struct stat st;

	/*
	 * A directory with the mark is recognized wherever it was moved; without the mark it must
	 * be empty.
	 */
	if (dir >= 0 && made_for_read(dir, &mark) == 0 &&
	    (container == NULL || strcmp(container, mark.container) == 0) && fstat(dir, &st) == 0)
		id = file_id_of(&st);
	return state_path_remove(path, &id, err);
}
