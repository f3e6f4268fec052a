/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The clock that deadlines are counted by.
 */
#ifndef VTPM_UTIL_CLOCK_H
#define VTPM_UTIL_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds that never go back, whoever sets the time of day. */
static inline int64_t monotonic_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
