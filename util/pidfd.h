/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Processes held by a descriptor: the number of one that is gone may be another's already.
 */
#ifndef VTPM_UTIL_PIDFD_H
#define VTPM_UTIL_PIDFD_H

#include <sys/types.h>

/* A descriptor of the process PID, or a negative errno: -ESRCH when there is none. */
int open_pidfd(pid_t pid);

int signal_pidfd(int pidfd, int number);

/* A copy, close-on-exec, of the process's descriptor FD, or a negative errno. */
int copy_pidfd_fd(int pidfd, int fd);

/* Waits for the process's end, for MS milliseconds (-1: as long as it takes): 0 or -ETIMEDOUT. */
int wait_pidfd(int pidfd, int ms);

#endif
