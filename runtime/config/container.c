/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/container.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "runtime/config/admin.h"
#include "runtime/config/entry.h"
#include "runtime/config/members.h"
#include "util/error.h"
#include "util/file.h"

static int read_rootfs(struct container *container, struct error *err)
{
	json_t *root = NULL, *path = NULL;
	int r;

	r = member_find(container->json, "root", &root, err);
	if (r == 0 && root != NULL)
		r = member_find(root, "path", &path, err);
	if (r < 0)
		return error_prefix(err, r, "root");
	if (!json_is_string(path) || json_string_length(path) == 0)
		return error_say(err, EINVAL, "root.path is missing");
	container->rootfs = json_string_value(path);
	return 0;
}

static int read_namespaces(struct container *container, json_t *linux_part, struct error *err)
{
	json_t *all = NULL, *one, *type;
	size_t i;
	int r;

	r = member_find(linux_part, "namespaces", &all, err);
	if (r < 0 || all == NULL)
		return r;
	if (!json_is_array(all))
		return error_say(err, EINVAL, "namespaces is not an array");
	json_array_foreach(all, i, one)
	{
		r = member_find(one, "type", &type, err);
		if (r < 0)
			return error_prefix(err, r, "namespaces[%zu]", i);
		if (!json_is_string(type))
			return error_say(err, EINVAL, "namespaces[%zu].type is missing", i);
		if (strcmp(json_string_value(type), "user") == 0)
			container->user_namespace = true;
		if (strcmp(json_string_value(type), "mount") == 0)
			container->mount_namespace = true;
	}
	return 0;
}

static int read_linux(struct container *container, struct error *err)
{
	json_t *linux_part = NULL, *resources = NULL;
	int r;

	r = member_find(container->json, "linux", &linux_part, err);
	if (r < 0 || linux_part == NULL)
		return r;
	r = read_namespaces(container, linux_part, err);
	if (r == 0)
		r = member_find(linux_part, "resources", &resources, err);
	if (r == 0 && resources != NULL)
		r = member_find(resources, "vtpms", &container->vtpms, err);
	if (r < 0)
		return error_prefix(err, r, "linux");
	if (container->vtpms != NULL && !json_is_array(container->vtpms))
		return error_say(err, EINVAL, "linux.resources.vtpms is not an array");
	return 0;
}

static int read_user(struct container *container, struct error *err)
{
	static const struct member_spec members[] = {
		{ "uid", member_int, 0, 0, UINT32_MAX - 1 },
		{ "gid", member_int, 0, 0, UINT32_MAX - 1 },
	};
	uint32_t *const fields[] = { &container->uid, &container->gid };
	json_t *process = NULL, *user = NULL, *value = NULL;
	int r;

	r = member_find(container->json, "process", &process, err);
	if (r == 0 && process != NULL)
		r = member_find(process, "user", &user, err);
	for (size_t i = 0; r == 0 && user != NULL && i < 2; i++) {
		int64_t number = 0;

		r = member_find(user, members[i].name, &value, err);
		if (r == 0 && value != NULL)
			r = member_int(&members[i], value, &number, err);
		*fields[i] = (uint32_t)number;
	}
	return r < 0 ? error_prefix(err, r, "process.user") : 0;
}

static int read_mounts(struct container *container, struct error *err)
{
	int r = member_find(container->json, "mounts", &container->mounts, err);

	if (r == 0 && container->mounts != NULL && !json_is_array(container->mounts))
		return error_say(err, EINVAL, "mounts is not an array");
	return r;
}

int container_parse(const char *text, size_t len, struct container *ret, struct error *err)
{
	struct container container = { 0 };
	int r;

	r = object_parse(text, len, &container.json, err);
	if (r == 0)
		r = read_rootfs(&container, err);
	if (r == 0)
		r = read_mounts(&container, err);
	if (r == 0)
		r = read_user(&container, err);
	if (r == 0)
		r = read_linux(&container, err);
	if (r < 0) {
		container_done(&container);
		return r;
	}
	*ret = container;
	return 0;
}

static bool mentions(const char *text, size_t len, const char *word)
{
	size_t word_len = strlen(word);

	for (; len >= word_len; text++, len--) {
		if (strncasecmp(text, word, word_len) == 0)
			return true;
	}
	return false;
}

int container_read(const char *bundle, struct container *ret, struct error *err)
{
	cleanup_free char *text = NULL;
	char path[PATH_MAX];
	size_t len;
	int r;

	if (snprintf(path, sizeof(path), "%s/config.json", bundle) >= (int)sizeof(path))
		return error_set(err, ENAMETOOLONG, "read config.json");
	r = read_path(path, CONTAINER_TEXT_MAX, &text, &len);
	if (r == -EFBIG)
		return error_say(err, EFBIG, "%s is larger than 10 MiB", path);
	if (r < 0)
		return error_set(err, -r, "read %s", path);
	r = container_parse(text, len, ret, err);
	if (r == 0)
		return 0;
	/* The runtime reports what is wrong with a container without vTPMs. */
	*ret = (struct container){ 0 };
	return mentions(text, len, "vtpms") ? error_prefix(err, r, "%s", path) : 0;
}

void container_done(struct container *container)
{
	json_decref(container->json);
	*container = (struct container){ 0 };
}

static int read_entry(json_t *json, const struct admin_config *admin, struct vtpm_entry *entries,
		      size_t count, struct error *err)
{
	int r;

	r = vtpm_entry_parse(json, admin, &entries[count], err);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = vtpm_entry_differs(&entries[count], &entries[i], err);
	return r;
}

int container_entries(const struct container *container, const struct admin_config *admin,
		      container_skip *skip, struct vtpm_entry **ret, size_t *count,
		      struct error *err)
{
	cleanup_free struct vtpm_entry *entries = NULL;
	size_t good = 0, i;
	struct error why;
	json_t *json;

	entries = calloc(json_array_size(container->vtpms) + 1, sizeof(*entries));
	if (entries == NULL)
		return error_set(err, ENOMEM, "linux.resources.vtpms");
	json_array_foreach(container->vtpms, i, json)
	{
		int r = read_entry(json, admin, entries, good, &why);

		if (r == 0) {
			good++;
			continue;
		}
		(void)error_prefix(&why, r, "linux.resources.vtpms[%zu]", i);
		if (!admin->ignore_errors)
			return error_say(err, -r, "%s", why.text);
		skip(why.text);
	}
	*count = good;
	*ret = take_ptr(entries);
	return 0;
}
