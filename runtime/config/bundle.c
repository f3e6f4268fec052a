/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "runtime/config/members.h"
#include "util/cleanup.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/file.h"

#define CONFIG "config.json"

#define LABEL "security.selinux"
#define LABEL_MOST 4096

/* The old file's metadata, which the new file takes over. */
struct likeness {
	const struct stat *st;
	char label[LABEL_MOST];
	ssize_t label_len; /* -1: none, as on a file system without labels */
};

static void read_label(int dir, const char *name, struct likeness *like)
{
	cleanup_close int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	like->label_len = fd < 0 ? -1 : fgetxattr(fd, LABEL, like->label, LABEL_MOST);
}

static int make_alike(int fd, const void *context)
{
	const struct likeness *like = context;

	if (like->label_len > 0 &&
	    fsetxattr(fd, LABEL, like->label, (size_t)like->label_len, 0) < 0)
		return -errno;
	return fchown(fd, like->st->st_uid, like->st->st_gid) < 0 ||
			       fchmod(fd, like->st->st_mode & 07777) < 0
		       ? -errno
		       : 0;
}

static int write_config(int dir, const char *name, const char *text, const struct stat *old,
			struct error *err)
{
	struct likeness like = { .st = old };
	int r;

	read_label(dir, name, &like);
	r = replace_file_with(dir, name, text, strlen(text), make_alike, &like);
	return r < 0 ? error_set(err, -r, "write %s", name) : 0;
}

/* Resolves links, so that a link to the file stays a link. Opens the file's directory as DIR. */
static int find_config(const char *bundle, char path[static PATH_MAX], int *dir, const char **name)
{
	char link[PATH_MAX];

	if (snprintf(link, sizeof(link), "%s/" CONFIG, bundle) >= (int)sizeof(link))
		return -ENAMETOOLONG;
	if (realpath(link, path) == NULL)
		return -errno;
	return open_parent(path, dir, name);
}

int bundle_change(const char *bundle, bundle_changer *changer, void *context, struct error *err)
{
	cleanup_free char *text = NULL, *changed = NULL;
	cleanup_close int dir = -1;
	char path[PATH_MAX];
	const char *name;
	struct stat st;
	size_t len;
	int r;

	r = find_config(bundle, path, &dir, &name);
	if (r == 0 && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	if (r == 0 && !S_ISREG(st.st_mode))
		r = -ENOTREG;
	if (r == 0)
		r = read_file(dir, name, CONTAINER_TEXT_MAX, &text, &len);
	if (r == 0 && strlen(text) != len) /* what follows a NUL would be lost */
		r = -EINVAL;
	if (r < 0)
		return error_set(err, -r, "read %s/" CONFIG, bundle);
	r = changer(text, context, &changed, err);
	if (r < 0)
		return error_prefix(err, r, "%s/" CONFIG, bundle);
	return changed != NULL ? write_config(dir, name, changed, &st, err) : 0;
}
