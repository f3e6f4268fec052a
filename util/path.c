/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/path.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

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
