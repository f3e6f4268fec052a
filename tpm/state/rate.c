/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/rate.h"

int64_t store_rate_take(struct store_rate *rate, size_t len, int64_t now)
{
	const int64_t per_second = rate->per_second;

	if (per_second == 0)
		return 0;
	/* After so long it is full again, whatever was used. */
	if (now - rate->then > STORE_BURST)
		rate->used = 0;
	else
		rate->used -= (now - rate->then) * per_second / 1000;
	rate->then = now;
	if (rate->used < 0)
		rate->used = 0;
	rate->used += (int64_t)len;
	return rate->used <= STORE_BURST ? 0 : (rate->used - STORE_BURST) * 1000 / per_second;
}
