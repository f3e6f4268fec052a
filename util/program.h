/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a program makes of the surroundings that its caller started it in.
 */
#ifndef VTPM_UTIL_PROGRAM_H
#define VTPM_UTIL_PROGRAM_H

#include <stdbool.h>

/*
 * The first call of every main. Whatever the caller left behind: no file that is opened becomes
 * standard input, output or error, a write that cannot be done fails instead of ending or stopping
 * the program, no signal is blocked, and children can be waited for. Ends the program when there
 * are no descriptors left.
 */
void program_start(void);

/* Whether the caller has handed FD over; one of the standard ones may be only a stand-in. */
bool program_has_fd(int fd);

#endif
