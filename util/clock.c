/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/clock.h"

#include <stdbool.h>
#include <stdio.h>

#define DAY 86400
#define LAST 253402300799 /* of the year 9999 */

static bool is_leap(unsigned int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Takes whole years off DAYS since 1970. */
static unsigned int take_years(unsigned int *days)
{
	unsigned int year = 1970;

	/* 400 years have always the same number of days. */
	year += *days / 146097 * 400;
	*days %= 146097;
	for (; *days >= 365U + is_leap(year); year++)
		*days -= 365U + is_leap(year);
	return year;
}

/* Takes whole months off the days since the year began. */
static unsigned int take_months(unsigned int year, unsigned int *days)
{
	const unsigned int lengths[] = {
		31, 28U + is_leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	unsigned int month = 0;

	for (; month < 11 && *days >= lengths[month]; month++)
		*days -= lengths[month];
	return month + 1;
}

void utc_text(int64_t seconds, char text[static UTC_TEXT_SIZE])
{
	unsigned int days, rest, year, month;

	if (seconds < 0)
		seconds = 0;
	if (seconds > LAST)
		seconds = LAST;
	days = (unsigned int)(seconds / DAY);
	rest = (unsigned int)(seconds % DAY);
	year = take_years(&days);
	month = take_months(year, &days);
	/* The remainders tell the compiler that it fits. */
	(void)snprintf(text, UTC_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02uZ", year % 10000,
		       month % 100, (days + 1) % 100, rest / 3600 % 100, rest / 60 % 60, rest % 60);
}
