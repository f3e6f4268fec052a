/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A file system in memory that is mounted nowhere: nobody finds it, and nothing of it is left when
 * the last descriptor to it is closed, however the process ends.
 */
#ifndef VTPM_TPM_STATE_MEMORY_H
#define VTPM_TPM_STATE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct error;

/* What is a --state for it. */
bool state_memory_is_meant(const char *path);

/* *RET is its root, 0700, of this owner ((uid_t)-1: ours). Needs CAP_SYS_ADMIN and Linux 5.2. */
int state_memory_make(uid_t uid, gid_t gid, int *ret, struct error *err);

/*
 * Puts the permanent state, which is in the first *USED of these BYTES of a saved TPM, into the
 * directory ROOT of this owner; *USED is 0 when there is none.
 */
int state_memory_fill(int root, uid_t uid, gid_t gid, const uint8_t *bytes, size_t len,
		      size_t *used, struct error *err);

#endif
