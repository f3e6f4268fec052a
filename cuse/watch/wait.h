/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Waiting of commands that go on until somebody ends them, and then have something to put right.
 */
#ifndef VTPM_CUSE_CTL_WAIT_H
#define VTPM_CUSE_CTL_WAIT_H

/* From here on the signals that would end the program end a wait_for() instead. */
void wait_catch_signals(void);

/* 1: FD is readable, or has ended; 0: TIMEOUT_MS (-1: for ever) are over; -EINTR: it is the end. */
int wait_for(int fd, int timeout_ms);

#endif
