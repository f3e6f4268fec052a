/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A time as text. The C library's functions for it open /etc/localtime, for UTC too; a server may
 * not, or not any more.
 */
#ifndef VTPM_UTIL_UTC_H
#define VTPM_UTIL_UTC_H

#include <stdint.h>

#define UTC_TEXT_SIZE sizeof("9999-12-31T23:59:59Z")

/* Writes SECONDS since 1970 as in RFC 3339. A time outside the years 1970 to 9999 is cut to them.
 */
void utc_text(int64_t seconds, char text[static UTC_TEXT_SIZE]);

#endif
