/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A file system in memory that is mounted nowhere: nobody finds it, and nothing of it is left when
 * the last descriptor to it is closed, however the process ends.
 */
#ifndef VTPM_TPM_STATE_MEMORY_H
#define VTPM_TPM_STATE_MEMORY_H

#include <sys/types.h>

struct error;

/* *RET is its root, 0700, of this owner ((uid_t)-1: ours). Needs CAP_SYS_ADMIN and Linux 5.2. */
int state_memory_make(uid_t uid, gid_t gid, int *ret, struct error *err);

#endif
