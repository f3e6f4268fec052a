/* SPDX-License-Identifier: BSD-3-Clause */
/* The administrator's classes, SYSCONFDIR/vtpm-cuse/classes.d/NAME.json. */
#ifndef VTPM_RUNTIME_CONFIG_CLASS_DIR_H
#define VTPM_RUNTIME_CONFIG_CLASS_DIR_H

#include <stddef.h>
#include <sys/types.h>

#include "runtime/config/class.h"

struct error;

/*
 * Opens the directory PATH, absolute, if only root and OWNER can change it and the directories
 * above it; -EPERM and a sentence otherwise. Follows no link.
 */
int class_dir_open(const char *path, uid_t owner, int *ret, struct error *err);

/*
 * Reads a class. -ENOENT, with a sentence that lists the existing ones: there is none of that name;
 * -EPERM: others than root and OWNER could have written it, or may read a password in it.
 */
int class_dir_read(const char *path, uid_t owner, const char *name, struct vtpm_class *ret,
		   struct error *err);

/*
 * Lists the names of the files, sorted and without ".json", including those that name no class;
 * *COUNT is their number. The caller frees *RET with class_dir_free_names().
 */
int class_dir_names(const char *path, uid_t owner, char ***ret, size_t *count, struct error *err);
void class_dir_free_names(char **names, size_t count);

#endif
