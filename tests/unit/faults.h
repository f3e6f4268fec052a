/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * System calls and allocations that fail on demand: link with FAULT_WRAPS. Nothing fails unless
 * armed.
 */
#ifndef VTPM_TESTS_UNIT_FAULTS_H
#define VTPM_TESTS_UNIT_FAULTS_H

#include <stdbool.h>

/*
 * The N-th call from now on fails with ERRNUM; NAMES (blank separated; NULL: all system calls, not
 * allocations) says which calls count.
 */
void fault_arm(int n, int errnum, const char *names);

/* As fault_arm(), and so do all that follow. */
void fault_arm_from(int n, int errnum, const char *names);

/* Whether the armed call has come, and failed; nothing fails any more. */
bool fault_disarm(void);

/* Whether O_TMPFILE fails as on a file system that does not have it; until the next call. */
void fault_no_tmpfile(bool lacking);

/* Whether files are in memory, as far as fstatfs() tells; false: on a disk. Until the next call. */
void fault_memory(bool in_memory);

#define FAULT_ALLOCATIONS "malloc calloc strdup strndup mmap"

#endif
