/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A small process that keeps the privilege to remove files which the server, after giving up its
 * own privileges, cannot remove. It removes them when the server is gone, however the server ended,
 * and logs the end of a server that was killed.
 */
#ifndef VTPM_CUSE_SERVER_GUARD_H
#define VTPM_CUSE_SERVER_GUARD_H

#include <limits.h>
#include <sys/types.h>

struct error;

enum guard_message_kind {
	GUARD_FILE,    /* removed at the end, if it is still the same file */
	GUARD_SERVING, /* the last message; the path is the device's name */
};

struct guard_message {
	enum guard_message_kind kind;
	dev_t dev;
	ino_t ino;
	char path[PATH_MAX]; /* absolute */
};

/* The most files that a guard removes. */
#define GUARD_FILES 4

/*
 * Starts the guard, before there are threads, and before there are secrets that it would copy. The
 * guard keeps LOCK_FD open until it is done. *RET is the descriptor for the functions below.
 */
int guard_start(int lock_fd, int *ret, struct error *err);

/* After GUARD_SERVING the guard reads no more messages: a client may have taken over the server. */
int guard_tell(int fd, const struct guard_message *message);

/* Tells the guard that the server ends in order, and closes FD. Returns when the files are gone. */
void guard_end(int fd);

#endif
