/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Limits the files that a process can reach by name to those beneath given directories. Open files
 * stay open. A recent kernel also denies TCP, ioctl() on devices, and signals and abstract sockets
 * to processes outside. Needs no privileges.
 */
#ifndef VTPM_CUSE_SANDBOX_LANDLOCK_H
#define VTPM_CUSE_SANDBOX_LANDLOCK_H

#include <stddef.h>

struct error;

enum landlock_use {
	LANDLOCK_USE_READ,   /* files and directories */
	LANDLOCK_USE_REMOVE, /* files */
	LANDLOCK_USE_KEEP,   /* files: read, write, make, rename and remove */
};

struct landlock_dir {
	int fd; /* may be O_PATH */
	enum landlock_use use;
};

/* The kernel's version of Landlock; 0: not available or switched off. */
int landlock_version(void);

/*
 * Limits the calling thread and the threads that it makes to DIRS, for good. no_new_privs must be
 * set. Does nothing where landlock_version() is 0.
 */
int landlock_enter(const struct landlock_dir *dirs, size_t count, struct error *err);

#endif
