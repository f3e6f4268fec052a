/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Directories: made, opened, and what is in them.
 */
#ifndef VTPM_UTIL_DIR_H
#define VTPM_UTIL_DIR_H

#include <dirent.h>
#include <sys/types.h>

struct error;

/*
 * As mkdirat(), with MODE whatever the umask, which is another for a moment: not for a process with
 * threads that make files.
 */
int make_dir(int dir_fd, const char *name, mode_t mode);

/*
 * Opens a directory, making it (MODE, whatever the umask; its parents must exist) when it is
 * missing. What is made is on disk.
 */
int open_dir(const char *path, mode_t mode, int *ret, struct error *err);

/* As open_dir(), and what is above it with 0755. */
int open_dir_all(const char *path, mode_t mode, int *ret, struct error *err);

/* The entries of DIR_FD, from the first, for closedir(); DIR_FD stays. NULL: see errno. */
DIR *open_entries(int dir_fd);

/*
 * Opens the directory that PATH is in; *NAME is the rest, which points into PATH. -EINVAL when PATH
 * ends with a slash.
 */
int open_parent(const char *path, int *dir_fd, const char **name);

#endif
