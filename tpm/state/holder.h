/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whose device the holder of a directory's lock serves: in the lock's file, for whoever finds it
 * locked.
 */
#ifndef VTPM_TPM_STATE_HOLDER_H
#define VTPM_TPM_STATE_HOLDER_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

struct holder {
	pid_t pid;
	char name[NAME_MAX + 1]; /* of a device; nothing but printable characters, and no slash */
};

/* Pure: a process ID, a space, a name and a newline. -EINVAL when TEXT is anything else. */
int holder_parse(const char *text, size_t len, struct holder *ret);

/* This process, which has LOCK_FD locked, serves /dev/NAME. */
void holder_write(int lock_fd, const char *name);

/* What a lock's file says, which may be old; a negative errno when that is nothing. */
int holder_read(int lock_fd, struct holder *ret);

#endif
