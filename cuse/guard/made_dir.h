/* SPDX-License-Identifier: BSD-3-Clause */
/* Removes a state directory that a failed start has made. */
#ifndef VTPM_CUSE_SERVER_MADE_DIR_H
#define VTPM_CUSE_SERVER_MADE_DIR_H

#include <stdbool.h>

bool made_dir_is_missing(const char *path);

/* Removes PATH and a state's files in it, nothing else. The caller holds the state's lock. */
void made_dir_remove(const char *path);

#endif
