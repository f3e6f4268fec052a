/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Locks between processes: a file of its own in the directory that is locked. The lock (OFD) goes
 * with the last descriptor, whoever inherited it, however the process ends.
 */
#ifndef VTPM_UTIL_LOCK_FILE_H
#define VTPM_UTIL_LOCK_FILE_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Makes the file DIR_FD/NAME (0600) where it is missing, and locks it; returns its descriptor or a
 * negative errno. -EBUSY: another process has it, or is removing it.
 */
int lock_file_try(int dir_fd, const char *name);

/* As lock_file_try(), but waits until it has the lock. */
int lock_file_wait(int dir_fd, const char *name);

/* As lock_file_try(), for one of many readers, who change nothing; -ENOENT: there is no file. */
int lock_file_share(int dir_fd, const char *name);

/*
 * The process that has locked FD's file, or has it by flock(), as far as the kernel tells; 0: it
 * does not. An OFD lock alone, which any process may hold, is told by nobody.
 */
pid_t lock_file_holder(int fd);

/* Whether NAME is still the file that is locked, so that others meet the lock. */
bool lock_file_is_current(int dir_fd, const char *name, int fd);

#endif
