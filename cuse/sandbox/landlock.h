/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What files a process can reach by name: those beneath directories that it names while it can, and
 * nothing else. What is open stays open. Depending on the kernel it has no TCP then, opens no
 * device for ioctl(), and reaches nobody outside by a signal or an abstract socket. Needs no
 * privileges.
 */
#ifndef VTPM_CUSE_SANDBOX_LANDLOCK_H
#define VTPM_CUSE_SANDBOX_LANDLOCK_H

#include <stddef.h>

struct error;

enum landlock_use {
	LANDLOCK_USE_READ,   /* files and directories */
	LANDLOCK_USE_REMOVE, /* files */
	LANDLOCK_USE_KEEP,   /* files are read, written, made, renamed and removed */
};

struct landlock_dir {
	int fd; /* may be O_PATH */
	enum landlock_use use;
};

/* The kernel's version of the interface; 0: it has none, or it is switched off. */
int landlock_version(void);

/*
 * Leaves DIRS to the calling thread and those that it makes, for good; no_new_privs must be set.
 * Does nothing without a version.
 */
int landlock_enter(const struct landlock_dir *dirs, size_t count, struct error *err);

#endif
