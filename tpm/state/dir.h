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
struct flush_pace;
struct place;
struct store_rate;
struct uid_range;

/* The path, for messages, of a directory that has none. */
#define STATE_DIR_MEMORY "memory:"

/* Who has the directory has this file in it locked. */
#define STATE_DIR_LOCK ".lock"

/* The user of servers that have none of their own. */
#define STATE_USER "vtpm-cuse"

/* What the files of a directory share; each file borrows it. */
struct state_dir {
	int fd;
	int lock_fd; /* -1: nothing can be locked here, as nothing can be written */
	ino_t lock_inode;
	bool made;           /* by us, and it has nothing in it yet that is worth keeping */
	bool read_only;      /* it is looked at, and others may look at it, too */
	bool is_private;     /* nobody finds it, and it ends with us */
	bool is_memory;      /* its file system is: what is allocated here is dear */
	char *path;          /* for messages */
	struct place *place; /* NULL: it may be anywhere */
	uid_t uid;           /* who owns what is made; (uid_t)-1: whoever we are */
	gid_t gid;
	const char *serves; /* the device's name, for whoever finds the directory in use; or NULL */
	const struct uid_range *take_from; /* see state_options */
	bool sync;                         /* a store is on disk when it returns */
	struct store_rate *rate;           /* NULL: stores come as fast as they may */
	struct flush_pace *pace;           /* how slow flushes are; NULL: nobody counts */
	void (*before_wait)(void *context);
	void *context;
};

/* Whether files of this name, or on their way to it, are a TPM's: tpm.permanent and its like. */
bool state_dir_has_name(const char *name);

/* -EPERM when DIR is not to be taken from UID, who owns it or its file NAME (NULL: itself). */
int state_dir_check_owner(const struct state_dir *dir, uid_t uid, const char *name,
			  struct error *err);

/*
 * -ENOENT when what PATH is to be made in is not there. The directory that README and systemd have
 * states in is made, 0700: a fresh machine has none.
 */
int state_dir_check_parent(const char *path, struct error *err);

/*
 * Opens and locks PATH, making it with 0700 when it is missing and MAY_MAKE. Owner, read_only and
 * all below is_memory are set in DIR by the caller beforehand. -EBUSY: another process has it; so
 * it has swtpm, whose lock is the same. -EPERM: somebody else can write it.
 */
int state_dir_open(struct state_dir *dir, const char *path, bool may_make, struct error *err);

/* As state_dir_open(), of a directory in memory that nobody else finds and that is gone with FD. */
int state_dir_open_private(struct state_dir *dir, int fd, struct error *err);

/* From here on it is served as NAME, and stays where it is, as state_dir_check() sees. */
int state_dir_settle(struct state_dir *dir, const char *name);

/*
 * The directory is still there, and locked; 1: it had to be locked again, as the lock's file was
 * removed. -ESTALE: it was removed or moved, or another process has it now.
 */
int state_dir_check(struct state_dir *dir, struct error *err);

/* Writes a file, 0600, whole or not at all, that belongs to who owns what is made. */
int state_dir_write(const struct state_dir *dir, const char *name, const void *data, size_t len,
		    struct error *err);

/* Removes a directory that was made for nothing. DIR may be zeroed, but not half open. */
void state_dir_done(struct state_dir *dir);

#endif
