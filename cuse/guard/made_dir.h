/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A state directory that a start has made, and that goes again when the start fails.
 */
#ifndef VTPM_CUSE_SERVER_MADE_DIR_H
#define VTPM_CUSE_SERVER_MADE_DIR_H

#include <stdbool.h>

bool made_dir_is_missing(const char *path);

/* Removes PATH and the files of a state in it, but nothing else; the caller has the state's lock.
 */
void made_dir_remove(const char *path);

#endif
