/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers that go round: one that was given back comes again as late as possible.
 */
#ifndef VTPM_UTIL_NEXT_NUMBER_H
#define VTPM_UTIL_NEXT_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Whether somebody has the number; else it is the caller's from here on. */
typedef bool number_taken(uint32_t number, void *context);

/*
 * *RET gets the next number below COUNT that TAKEN() denies, from where the file "next" of DIR_FD
 * says; the caller has locked the directory. -ENOSPC when there is none.
 */
int next_number(int dir_fd, uint32_t count, number_taken *taken, void *context, uint32_t *ret);

#endif
