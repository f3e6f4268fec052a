/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A small process that keeps the privilege to remove the files that a server which has given up its
 * own may not remove any more, and does that when the server is gone, however that came. It also
 * logs the end of a server that was killed.
 */
#ifndef VTPM_CUSE_SERVER_GUARD_H
#define VTPM_CUSE_SERVER_GUARD_H

#include <limits.h>
#include <sys/types.h>

struct error;

enum guard_message_kind {
	GUARD_FILE,    /* goes at the end, if it is still the same one */
	GUARD_SERVING, /* that was all; the path is the device's name */
};

struct guard_message {
	enum guard_message_kind kind;
	dev_t dev;
	ino_t ino;
	char path[PATH_MAX]; /* absolute */
};

/* As many files as it takes. */
#define GUARD_FILES 4

/*
 * Starts it: before there are threads, and before there are secrets, of which it would have a copy.
 * It keeps LOCK_FD open until it is done. *RET is for what follows.
 */
int guard_start(int lock_fd, int *ret, struct error *err);

/* After GUARD_SERVING it listens to nothing more: a client may have taken the server over. */
int guard_tell(int fd, const struct guard_message *message);

/* The end, in order; closes FD. Returns when the files are gone. */
void guard_end(int fd);

#endif
