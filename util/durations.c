/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/durations.h"

/* The first bucket apart, a bucket is told by the highest bit of what it counts and the two next.
 */
static size_t bucket_of(uint64_t ns)
{
	uint64_t below = ns > 0 ? ns - 1 : 0;
	int bit = 63 - __builtin_clzll(below | 1);

	if (bit < DURATIONS_FIRST_BIT)
		return 0;
	if (bit >= DURATIONS_LAST_BIT)
		return DURATIONS_BUCKETS - 1;
	return 1 + (size_t)(bit - DURATIONS_FIRST_BIT) * DURATIONS_PER_BIT +
	       (size_t)(below >> (bit - 2)) % DURATIONS_PER_BIT;
}

void durations_add(struct durations *durations, uint64_t ns)
{
	durations->count++;
	durations->total_ns += ns;
	durations->buckets[bucket_of(ns)]++;
}

uint64_t durations_bound(size_t bucket)
{
	size_t steps = bucket + DURATIONS_PER_BIT - 1;

	if (bucket == 0)
		return UINT64_C(1) << DURATIONS_FIRST_BIT;
	if (bucket >= DURATIONS_BUCKETS - 1)
		return UINT64_MAX;
	return (uint64_t)(DURATIONS_PER_BIT + 1 + steps % DURATIONS_PER_BIT)
	       << (DURATIONS_FIRST_BIT - 3 + steps / DURATIONS_PER_BIT);
}

uint64_t durations_quantile(const struct durations *durations, unsigned int permille)
{
	uint64_t all = 0, wanted, seen = 0;
	size_t i = 0;

	for (size_t each = 0; each < DURATIONS_BUCKETS; each++)
		all += durations->buckets[each];
	if (all == 0)
		return 0;
	wanted = all / 1000 * permille + all % 1000 * permille / 1000;
	while (i < DURATIONS_BUCKETS - 2 && (seen += durations->buckets[i]) <= wanted)
		i++;
	return durations_bound(i);
}
