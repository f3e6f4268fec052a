/* SPDX-License-Identifier: BSD-3-Clause */
/* Waiting, for commands that run until the user ends them and then clean up. */
#ifndef VTPM_CUSE_CTL_WAIT_H
#define VTPM_CUSE_CTL_WAIT_H

/* From here on the signals that would end the program end a wait_for() instead. */
void wait_catch_signals(void);

/*
 * 1: FD is readable or closed; 0: TIMEOUT_MS (-1: no limit) have passed; -EINTR: a signal asks to
 * end.
 */
int wait_for(int fd, int timeout_ms);

#endif
