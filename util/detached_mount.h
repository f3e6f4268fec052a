/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * File systems that are mounted nowhere yet, held by a descriptor; closing it is their end. Needs
 * Linux 5.2 (-ENOSYS before it) and CAP_SYS_ADMIN (-EPERM).
 */
#ifndef VTPM_UTIL_DETACHED_MOUNT_H
#define VTPM_UTIL_DETACHED_MOUNT_H

#include <stdbool.h>
#include <stddef.h>

/* Of tmpfs, as tmpfs(5) has them: {"size", "8m"}. */
struct mount_option {
	const char *key, *value;
};

/*
 * A new tmpfs with the COUNT options, without set-user-ID programs, device nodes and executables;
 * read-only if asked for. A descriptor of its root (as of O_PATH), or a negative errno.
 */
int detached_tmpfs(const struct mount_option *options, size_t count, bool read_only);

/* The file NAME in the directory DIR as a mount of its own: a descriptor, or a negative errno. */
int detached_clone(int dir, const char *name);

/* Mounts it over the file or directory that TARGET is a descriptor of: 0 or a negative errno. */
int attach_mount(int mount, int target);

#endif
