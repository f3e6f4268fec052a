/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/hand_over.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tpm/state/dir.h"
#include "util/cleanup.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/file.h"

#define PERMANENT "tpm.permanent"

static bool is_part(const char *name)
{
	return strcmp(name, STATE_DIR_LOCK) == 0 || state_dir_has_name(name);
}

/* Files of others stay theirs. A directory, or what is neither, is not found beside a TPM. */
static bool is_beside(const struct state_dir *dir, const char *name)
{
	static const char *const names[] = { ".", "..", "lost+found" };
	struct stat st;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

static bool is_owned(const struct state_dir *dir, const struct stat *st)
{
	return st->st_uid == dir->uid && st->st_gid == dir->gid;
}

static int check_file(const struct state_dir *dir, const char *name, const struct stat *st,
		      struct error *err)
{
	if (st->st_nlink > 1)
		return error_say(err, EPERM, "%s/%s has another name, too: it may be anybody's",
				 dir->path, name);
	return state_dir_check_owner(dir, st->st_uid, name, err);
}

/* What is no file is nothing that a TPM is kept in; who opens it says so. */
static int look_at(const struct state_dir *dir, const char *name, bool *is_needed,
		   struct error *err)
{
	struct stat st;

	if (fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0
				       : error_set(err, errno, "look at %s/%s", dir->path, name);
	if (!S_ISREG(st.st_mode) || is_owned(dir, &st))
		return 0;
	*is_needed = true;
	return check_file(dir, name, &st, err);
}

/* Directories of other things are not given away by a slip. */
static int check_stranger(const struct state_dir *dir, const char *name, struct error *err)
{
	if (name[0] == '\0' || faccessat(dir->fd, PERMANENT, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return error_say(err, EPERM,
			 "%s has %s in it, which is no part of a TPM: it is not given to user %u",
			 dir->path, name, (unsigned int)dir->uid);
}

static int check_all(const struct state_dir *dir, bool is_owned, bool *is_needed, struct error *err)
{
	cleanup_with(closedirp) DIR *entries = open_entries(dir->fd);
	char stranger[NAME_MAX + 1] = "";
	int r = 0;

	if (entries == NULL)
		return error_set(err, errno, "read %s", dir->path);
	for (struct dirent *entry; r == 0 && (entry = readdir(entries)) != NULL;) {
		if (is_part(entry->d_name))
			r = look_at(dir, entry->d_name, is_needed, err);
		else if (!is_beside(dir, entry->d_name))
			(void)strcpy(stranger, entry->d_name);
	}
	return r < 0 || is_owned ? r : check_stranger(dir, stranger, err);
}

static int fail(const struct state_dir *dir, const char *name, int r, struct error *err)
{
	return error_set(err, -r, "give %s%s%s to user %u", dir->path, name[0] != '\0' ? "/" : "",
			 name, (unsigned int)dir->uid);
}

static int give_file(const struct state_dir *dir, const char *name, struct error *err)
{
	cleanup_close int fd = open_regular(dir->fd, name, O_RDONLY);
	struct stat st;
	int r;

	if (fd == -ENOENT || fd == -ELOOP || fd == -EISDIR || fd == -ENOTREG)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(dir, name, fd < 0 ? fd : -errno, err);
	if (is_owned(dir, &st))
		return 0;
	r = check_file(dir, name, &st, err);
	if (r == 0 && fchown(fd, dir->uid, dir->gid) < 0)
		r = fail(dir, name, -errno, err);
	return r;
}

static int give_files(const struct state_dir *dir, struct error *err)
{
	cleanup_with(closedirp) DIR *entries = open_entries(dir->fd);
	int r = 0;

	if (entries == NULL)
		return error_set(err, errno, "read %s", dir->path);
	for (struct dirent *entry; r == 0 && (entry = readdir(entries)) != NULL;) {
		if (is_part(entry->d_name))
			r = give_file(dir, entry->d_name, err);
	}
	return r;
}

/* From here on only root changes a name in there; a group that might does not get it back. */
static int hold(const struct state_dir *dir, const struct stat *st)
{
	if ((st->st_uid != 0 || st->st_gid != 0) && fchown(dir->fd, 0, 0) < 0)
		return -errno;
	if ((st->st_mode & S_IWGRP) != 0 && fchmod(dir->fd, st->st_mode & (07777 ^ S_IWGRP)) < 0)
		return -errno;
	return 0;
}

/* 1: something in there is not its new owner's yet. */
static int check(const struct state_dir *dir, const struct stat *st, struct error *err)
{
	bool is_needed = !is_owned(dir, st);
	int r = state_dir_check_owner(dir, st->st_uid, NULL, err);

	if (r == 0)
		r = check_all(dir, !is_needed, &is_needed, err);
	return r == 0 && is_needed ? 1 : r;
}

int state_hand_over_check(const struct state_dir *dir, struct error *err)
{
	struct stat st;
	int r;

	if (fstat(dir->fd, &st) < 0)
		return error_set(err, errno, "look at %s", dir->path);
	r = check(dir, &st, err);
	return r < 0 ? r : 0;
}

int state_hand_over(const struct state_dir *dir, uid_t *taken_from, struct error *err)
{
	struct stat st;
	int r;

	if (fstat(dir->fd, &st) < 0)
		return error_set(err, errno, "look at %s", dir->path);
	*taken_from = st.st_uid;
	r = check(dir, &st, err);
	if (r <= 0)
		return r;
	r = hold(dir, &st);
	if (r < 0)
		return fail(dir, "", r, err);
	r = give_files(dir, err);
	if (r == 0 && fchown(dir->fd, dir->uid, dir->gid) < 0)
		r = fail(dir, "", -errno, err);
	return r;
}
