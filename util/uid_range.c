/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/uid_range.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "util/error.h"

int uid_range_parse(const char *text, struct uid_range *ret, struct error *err)
{
	int64_t first, last;
	int end = 0;

	if (sscanf(text, "%10" SCNd64 "-%10" SCNd64 "%n", &first, &last, &end) != 2 ||
	    text[end] != '\0' || first < 1 || first > last || last > uid_range_all.last)
		return error_say(err, EINVAL, "'%.64s' is not FIRST-LAST, two numbers of users",
				 text);
	*ret = (struct uid_range){ (uid_t)first, (uid_t)last };
	return 0;
}

bool uid_range_has(const struct uid_range *range, uid_t uid)
{
	return uid >= range->first && uid <= range->last;
}
