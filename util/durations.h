/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How long things took, counted in buckets that get wider as the times do: four to each power of
 * two, from a microsecond to 17 seconds. Pure; the caller guards it.
 */
#ifndef VTPM_UTIL_DURATIONS_H
#define VTPM_UTIL_DURATIONS_H

#include <stddef.h>
#include <stdint.h>

#define DURATIONS_FIRST_BIT 10 /* the first bucket is for up to 2^10 ns, the last for more ... */
#define DURATIONS_LAST_BIT 34  /* ... than 2^34 ns */
#define DURATIONS_PER_BIT 4
#define DURATIONS_BUCKETS (DURATIONS_PER_BIT * (DURATIONS_LAST_BIT - DURATIONS_FIRST_BIT) + 2)

struct durations {
	uint64_t count;
	uint64_t total_ns;
	uint64_t buckets[DURATIONS_BUCKETS];
};

void durations_add(struct durations *durations, uint64_t ns);

/* The longest time, in nanoseconds, that BUCKET counts; of the last one UINT64_MAX. */
uint64_t durations_bound(size_t bucket);

/*
 * The time within which PERMILLE (below 1000) of all were done, to the width of a bucket; 0: there
 * are none. Of those in the last bucket the time is where it begins.
 */
uint64_t durations_quantile(const struct durations *durations, unsigned int permille);

#endif
