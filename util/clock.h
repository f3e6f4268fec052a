/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The clock that deadlines are counted by, and times as text. The C library's functions for those
 * open /etc/localtime, for UTC too; a server may not, or not any more.
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

#define UTC_TEXT_SIZE sizeof("9999-12-31T23:59:59Z")

/* Writes SECONDS since 1970 as in RFC 3339. A time outside the years 1970 to 9999 is cut to them.
 */
void utc_text(int64_t seconds, char text[static UTC_TEXT_SIZE]);

#endif
