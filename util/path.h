/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Paths as text.
 */
#ifndef VTPM_UTIL_PATH_H
#define VTPM_UTIL_PATH_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct error;

/*
 * DIR gets the path of the directory that PATH is in ("." where none is named), *NAME the rest,
 * which points into PATH. -EINVAL when PATH ends with a slash, -ENAMETOOLONG.
 */
int split_path(const char *path, char dir[static PATH_MAX], const char **name);

/*
 * Makes *PATH absolute, for a process that leaves the current directory or another one. *OWNED is
 * what the caller frees when *PATH is not needed any more; NULL: it was absolute, and is as it was.
 * An errno of getcwd(), or -ENOMEM.
 */
int path_make_absolute(const char **path, char **owned);

/*
 * The same for COUNT of them; a NULL among them, and a path that is NULL, stay so. OWNED
 * are NULL before. When one fails, the caller frees those of the others.
 */
int paths_make_absolute(const char **const *paths, char **owned, size_t count, struct error *err);

/* Whether TEXT is something and then END. Pure. */
bool ends_with(const char *text, const char *end);

#endif
