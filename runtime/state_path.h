/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A vTPM's state directory as the container module sees it: a path that is locked, made and
 * removed. What is in it belongs to the server.
 */
#ifndef VTPM_RUNTIME_STATE_PATH_H
#define VTPM_RUNTIME_STATE_PATH_H

#include <limits.h>
#include <stdbool.h>

struct error;

/* PATH without symbolic links, though its last parts may not exist; *EXISTS: all of it does. */
int state_path_resolve(const char *path, char ret[static PATH_MAX], bool *exists,
		       struct error *err);

/*
 * Opens and locks the directory; MAKE: makes it first, for user RUN_AS (NULL: root). -EBUSY when
 * somebody else has it. *LOCK_FD holds the lock, in whatever process it is open.
 */
int state_path_lock(const char *path, bool make, const char *run_as, int *lock_fd,
		    struct error *err);

/* Whether there is a TPM's state in the directory, or anything else that is not a lock. */
bool state_path_is_used(const char *path);

/* Removes the directory and all in it, unless somebody has it locked: that is -EBUSY. */
int state_path_remove(const char *path, struct error *err);

#endif
