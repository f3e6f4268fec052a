/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A state directory: opened without following symbolic links, and locked by one process at a time.
 */
#ifndef VTPM_TPM_STATE_DIR_H
#define VTPM_TPM_STATE_DIR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct error;

/* What the files of a directory share; each file borrows it. */
struct state_dir {
	int fd;
	int lock_fd;
	bool made;  /* by us, and it has nothing in it yet that is worth keeping */
	char *path; /* for messages */
	uid_t uid;  /* who owns what is made; (uid_t)-1: whoever we are */
	gid_t gid;
	bool sync; /* a store is on disk when it returns */
	void (*before_wait)(void *context);
	void *context;
};

/*
 * Opens and locks PATH, making it with 0700 when it is missing and MAY_MAKE. Owner and all below it
 * are set in DIR by the caller beforehand. -EBUSY: another process has it; so it has swtpm, whose
 * lock is the same.
 */
int state_dir_open(struct state_dir *dir, const char *path, bool may_make, struct error *err);

/* Writes a file, 0600, whole or not at all, that belongs to who owns what is made. */
int state_dir_write(const struct state_dir *dir, const char *name, const void *data, size_t len,
		    struct error *err);

/* Removes a directory that was made for nothing. DIR may be zeroed, but not half open. */
void state_dir_done(struct state_dir *dir);

#endif
