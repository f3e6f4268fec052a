/* SPDX-License-Identifier: BSD-3-Clause */
/* A child is killed at a system call of its own. */
#ifndef VTPM_TESTS_UNIT_KILL_AT_H
#define VTPM_TESTS_UNIT_KILL_AT_H

#include <stdbool.h>
#include <sys/types.h>

/* Skips the test, and prints why, where no process can be traced: under qemu's user mode. */
void kill_at_or_skip(void);

/* In the child: waits until the test counts its system calls from here on. */
void kill_at_begin(void);

/*
 * Kills the child when it has entered or left N system calls. False: it has fewer, and has ended
 * well or stopped itself.
 */
bool kill_at(pid_t child, int n);

#endif
