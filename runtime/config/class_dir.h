/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The classes that the administrator has written down, SYSCONFDIR/vtpm-cuse/classes.d/NAME.json.
 */
#ifndef VTPM_RUNTIME_CONFIG_CLASS_DIR_H
#define VTPM_RUNTIME_CONFIG_CLASS_DIR_H

#include <stddef.h>
#include <sys/types.h>

#include "runtime/config/class.h"

struct error;

/*
 * Opens a directory of PATH, absolute, if nobody but root and OWNER can change it or what is above
 * it: -EPERM and a sentence otherwise. No link is followed.
 */
int class_dir_open(const char *path, uid_t owner, int *ret, struct error *err);

/*
 * Reads a class. -ENOENT, and a sentence that lists those there are, when there is none; -EPERM
 * when others than root and OWNER could have written it, or may read a password in it.
 */
int class_dir_read(const char *path, uid_t owner, const char *name, struct vtpm_class *ret,
		   struct error *err);

/*
 * The names of the files there are, sorted, those that name no class too: *COUNT of them, without
 * ".json". The caller frees *RET with class_dir_free_names().
 */
int class_dir_names(const char *path, uid_t owner, char ***ret, size_t *count, struct error *err);
void class_dir_free_names(char **names, size_t count);

#endif
