/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/pace.h"

bool flush_pace_is_slow(const struct flush_pace *pace)
{
	return pace->slow_left > 0;
}

void flush_pace_note(struct flush_pace *pace, int64_t ms)
{
	if (ms >= FLUSH_SLOW_MS)
		pace->slow_left = FLUSHES_TAKEN_FOR_SLOW;
	else if (pace->slow_left > 0)
		pace->slow_left--;
}
