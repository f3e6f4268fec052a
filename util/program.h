/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a program makes of the surroundings that its caller started it in.
 */
#ifndef VTPM_UTIL_PROGRAM_H
#define VTPM_UTIL_PROGRAM_H

#include <signal.h>
#include <stdbool.h>

/*
 * The first call of every main. Whatever the caller left behind: no file that is opened becomes
 * standard input, output or error, a write that cannot be done fails instead of ending or stopping
 * the program, no signal is blocked, and children can be waited for. Ends the program when there
 * are no descriptors left.
 */
void program_start(void);

/*
 * What would end a program without being a fault of its own: SIGTERM and SIGINT, a terminal that is
 * gone, a limit, a timer of who started it. A signal that is ignored, as by nohup, is left out.
 */
void program_ending_signals(sigset_t *set);

/* Whether the caller has handed FD over; one of the standard ones may be only a stand-in. */
bool program_has_fd(int fd);

#endif
