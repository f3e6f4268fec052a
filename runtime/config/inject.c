/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/inject.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/config/container.h"
#include "runtime/config/members.h"
#include "runtime/config/own_hook.h"
#include "runtime/config/rewrite.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/dir.h"
#include "util/file.h"

#define CONFIG "config.json"

int inject_text(const char *text, const char *program, json_t *args, char **ret, struct error *err)
{
	static const char *const path[] = { "hooks", NULL };
	cleanup_json json_t *hooks = NULL;
	int r;

	r = rewrite_read(text, path, &hooks, err);
	if (r < 0)
		return r;
	if (hooks == NULL)
		hooks = json_object();
	r = own_hooks_enter(hooks, program, args, NULL, err);
	return r < 0 ? r : rewrite_member(text, path, hooks, ret, err);
}

static int write_config(int dir, const char *name, const char *text, const struct stat *old,
			struct error *err)
{
	int r;

	r = replace_file(dir, name, text, strlen(text), old->st_mode & 07777);
	if (r == 0 && fchownat(dir, name, old->st_uid, old->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	return r < 0 ? error_set(err, -r, "write %s", name) : 0;
}

/* Where the file really is, so that a link to it stays one; it is in DIR then, which is opened. */
static int find_config(const char *bundle, char path[static PATH_MAX], int *dir, const char **name)
{
	char link[PATH_MAX];

	if (snprintf(link, sizeof(link), "%s/" CONFIG, bundle) >= (int)sizeof(link))
		return -ENAMETOOLONG;
	if (realpath(link, path) == NULL)
		return -errno;
	return open_parent(path, dir, name);
}

int inject_hooks(const char *bundle, const char *program, json_t *args, struct error *err)
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
		r = -EINVAL;
	if (r == 0)
		r = read_file(dir, name, CONTAINER_TEXT_MAX, &text, &len);
	if (r == 0 && strlen(text) != len) /* what follows a NUL would be lost */
		r = -EINVAL;
	if (r < 0)
		return error_set(err, -r, "read %s/" CONFIG, bundle);
	r = inject_text(text, program, args, &changed, err);
	if (r < 0)
		return error_prefix(err, r, "%s/" CONFIG, bundle);
	return write_config(dir, name, changed, &st, err);
}
