/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Device numbers that go round.
 */
#ifndef VTPM_UTIL_NEXT_MINOR_H
#define VTPM_UTIL_NEXT_MINOR_H

#include <stdbool.h>
#include <stdint.h>

struct error;

/* Whether somebody has the number. */
typedef bool minor_taken(uint32_t major, uint32_t minor, const void *context);

/*
 * *RET gets the next number of MAJOR that TAKEN() denies, from where the file "next" of DIR_FD
 * says; the caller has locked the directory. -ENOSPC when there is none.
 */
int next_minor(int dir_fd, uint32_t major, minor_taken *taken, const void *context, uint32_t *ret,
	       struct error *err);

/* A minor_taken(): whether a device of this host has it now. Needs no context. */
bool minor_is_in_use(uint32_t major, uint32_t minor, const void *context);

#endif
