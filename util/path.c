/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/path.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/error.h"

int split_path(const char *path, char dir[static PATH_MAX], const char **name)
{
	const char *slash = strrchr(path, '/');
	const char *rest = slash != NULL ? slash + 1 : path;
	const char *from = path;
	size_t len;

	if (*rest == '\0')
		return -EINVAL;
	if (slash == NULL)
		from = ".";
	len = slash == NULL || slash == path ? 1 : (size_t)(slash - path);
	if (len >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(dir, from, len);
	dir[len] = '\0';
	*name = rest;
	return 0;
}

int path_make_absolute(const char **path, char **owned)
{
	char here[PATH_MAX];

	*owned = NULL;
	if ((*path)[0] == '/')
		return 0;
	if (getcwd(here, sizeof(here)) == NULL)
		return -errno;
	if (asprintf(owned, "%s/%s", here, *path) < 0) {
		*owned = NULL;
		return -ENOMEM;
	}
	*path = *owned;
	return 0;
}

int paths_make_absolute(const char **const *paths, char **owned, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		int r;

		if (paths[i] == NULL || *paths[i] == NULL)
			continue;
		r = path_make_absolute(paths[i], &owned[i]);
		if (r < 0)
			return error_set(err, -r, "%s", *paths[i]);
	}
	return 0;
}

bool ends_with(const char *text, const char *end)
{
	const size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && strcmp(text + len - end_len, end) == 0;
}
