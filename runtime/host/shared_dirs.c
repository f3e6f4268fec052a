/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/shared_dirs.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "runtime/host/file_id.h"
#include "runtime/config/members.h"
#include "util/error.h"

struct place {
	struct file_id id;
	const char *source; /* the mounts'; NULL: the root */
};

struct shared_dirs {
	size_t count;
	struct place places[];
};

static bool is_bind(json_t *type, json_t *options)
{
	json_t *option;
	size_t i;

	if (json_is_string(type) && strcmp(json_string_value(type), "bind") == 0)
		return true;
	json_array_foreach(options, i, option)
	{
		if (json_is_string(option) && (strcmp(json_string_value(option), "bind") == 0 ||
					       strcmp(json_string_value(option), "rbind") == 0))
			return true;
	}
	return false;
}

/* *RET stays NULL for a mount that shows nothing of the host. */
static int bound_source(json_t *mount, const char **ret, struct error *err)
{
	json_t *type = NULL, *source = NULL, *options = NULL;
	int r;

	r = member_find(mount, "type", &type, err);
	if (r == 0)
		r = member_find(mount, "source", &source, err);
	if (r == 0)
		r = member_find(mount, "options", &options, err);
	if (r == 0 && json_is_string(source) && is_bind(type, options))
		*ret = json_string_value(source);
	return r;
}

static int add(struct shared_dirs *dirs, const char *bundle, const char *source, struct error *err)
{
	char path[PATH_MAX];
	struct stat st;
	int n = snprintf(path, sizeof(path), "%s%s%s", source[0] == '/' ? "" : bundle,
			 source[0] == '/' ? "" : "/", source);

	if (n >= (int)sizeof(path))
		return error_set(err, ENAMETOOLONG, "%.64s...", source);
	if (stat(path, &st) == 0)
		dirs->places[dirs->count++] =
			(struct place){ .id = file_id_of(&st), .source = source };
	else if (errno != ENOENT && errno != ENOTDIR)
		return error_set(err, errno, "%s", path);
	return 0;
}

static int add_mounts(struct shared_dirs *dirs, const char *bundle, json_t *mounts,
		      struct error *err)
{
	json_t *mount;
	size_t i;

	json_array_foreach(mounts, i, mount)
	{
		const char *source = NULL;
		int r = bound_source(mount, &source, err);

		if (r == 0 && source != NULL)
			r = add(dirs, bundle, source, err);
		if (r < 0)
			return error_prefix(err, r, "mounts[%zu]", i);
	}
	return 0;
}

int shared_dirs_new(const char *bundle, const char *rootfs, json_t *mounts,
		    struct shared_dirs **ret, struct error *err)
{
	size_t most = json_array_size(mounts) + 1;
	cleanup_with(shared_dirs_freep) struct shared_dirs *dirs =
		calloc(1, sizeof(*dirs) + most * sizeof(dirs->places[0]));
	struct stat st;
	int r;

	if (dirs == NULL)
		return error_set(err, ENOMEM, "mounts");
	if (stat(rootfs, &st) < 0)
		return error_set(err, errno, "root.path %s", rootfs);
	dirs->places[dirs->count++].id = file_id_of(&st);
	r = add_mounts(dirs, bundle, mounts, err);
	if (r == 0)
		*ret = take_ptr(dirs);
	return r;
}

void shared_dirs_free(struct shared_dirs *dirs)
{
	free(dirs);
}

static int check_directory(const struct shared_dirs *dirs, const struct file_id *id,
			   const char *path, struct error *err)
{
	for (size_t i = 0; i < dirs->count; i++) {
		const struct place *place = &dirs->places[i];

		if (!file_id_same(&place->id, id))
			continue;
		if (place->source == NULL)
			return error_say(err, EINVAL, "'%s' is inside the container's rootfs",
					 path);
		return error_say(err, EINVAL, "'%s' is inside '%s', which the container has bound",
				 path, place->source);
	}
	return 0;
}

int shared_dirs_check(const struct shared_dirs *dirs, const char *path, struct error *err)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(part))
		return error_set(err, ENAMETOOLONG, "%.64s...", path);
	(void)strcpy(part, path);
	for (;;) {
		struct stat st;
		struct file_id id;
		int r = 0;

		if (lstat(part, &st) == 0) {
			id = file_id_of(&st);
			r = check_directory(dirs, &id, path, err);
		} else if (errno != ENOENT) {
			r = error_set(err, errno, "%s", part);
		}
		if (r < 0 || strcmp(part, "/") == 0)
			return r;
		*strrchr(part, '/') = '\0';
		if (part[0] == '\0')
			(void)strcpy(part, "/");
	}
}
