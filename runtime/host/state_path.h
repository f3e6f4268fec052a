/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A vTPM's state directory as the container module sees it: a path that is locked, made and
 * removed. What is in it belongs to the server.
 */
#ifndef VTPM_RUNTIME_HOST_STATE_PATH_H
#define VTPM_RUNTIME_HOST_STATE_PATH_H

#include <limits.h>
#include <stdbool.h>

#include "runtime/config/entry.h"

struct error;
struct file_id;
struct made_for;

/*
 * Resolves the symbolic links of PATH, whose last parts may be missing; *EXISTS tells whether all
 * of it exists.
 */
int state_path_resolve(const char *path, char ret[static PATH_MAX], bool *exists,
		       struct error *err);

/*
 * Makes the directory, for the user RUN_AS (NULL: root), and what is missing above it, with a mark
 * that it is to go with CONTAINER (NULL: it stays); *ID is what tells it from any other. -EEXIST
 * when somebody else was faster. From here on no link in PATH is followed, so that it has to be a
 * resolved one.
 */
int state_path_make(const char *path, const char *run_as, const char *container, struct file_id *id,
		    struct error *err);

/* Reads the mark; -ENOENT when there is none, or no directory. */
int state_path_mark(const char *path, struct made_for *ret);

/* Removes the mark, so that the directory is kept from now on. */
int state_path_unmark(const char *path);

/*
 * Opens and locks the directory; -EBUSY when somebody else has it, -ESTALE when it is not ID, if
 * that is known. *LOCK_FD holds the lock, in whatever process it is open.
 */
int state_path_lock(const char *path, const struct file_id *id, int *lock_fd, struct error *err);

/* Whether there is a TPM's state in the directory, or anything else that is not a lock. */
bool state_path_is_used(const char *path);

/* The identity of the TPM whose state is in there, in hex; -ENOENT, -EINVAL. */
int state_path_identity(const char *path, char ret[static ENTRY_IDENTITY_LEN + 1]);

/*
 * Removes the directory, which must be ID, and all in it, unless somebody has it locked, a
 * container's server or anybody else's program: that is -EBUSY. With an unknown ID it must be
 * empty.
 */
int state_path_remove(const char *path, const struct file_id *id, struct error *err);

/* The same for one that has the mark of CONTAINER (NULL: of any), or is empty. */
int state_path_remove_made(const char *path, const char *container, struct error *err);

#endif
