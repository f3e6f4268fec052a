/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The clock that deadlines are counted by, and times as text. The C library's functions for those
 * open /etc/localtime, for UTC too; a server may not, or not any more.
 */
#ifndef VTPM_UTIL_CLOCK_H
#define VTPM_UTIL_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds of one of the system's clocks. */
static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Nanoseconds that never go back, whoever sets the time of day. */
static inline uint64_t monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* Milliseconds that never go back. */
static inline int64_t monotonic_ms(void)
{
	return (int64_t)(monotonic_ns() / 1000000);
}

#define UTC_TEXT_SIZE sizeof("9999-12-31T23:59:59Z")

/* Writes SECONDS since 1970 as in RFC 3339. A time outside the years 1970 to 9999 is cut to them.
 */
void utc_text(int64_t seconds, char text[static UTC_TEXT_SIZE]);

#endif
