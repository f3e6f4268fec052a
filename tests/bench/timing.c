/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/timing.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "util/cleanup.h"
#include "util/error.h"

double timing_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct timing timing_of(double *samples, uint32_t n)
{
	qsort(samples, n, sizeof(*samples), compare);
	return (struct timing){
		.rounds = n,
		.median = samples[n / 2],
		.p10 = samples[n / 10],
		.p90 = samples[(uint32_t)((uint64_t)n * 9 / 10)],
		.p99 = samples[(uint32_t)((uint64_t)n * 99 / 100)],
	};
}

static double clock_cost(double *samples, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		double start = timing_now();

		samples[i] = timing_now() - start;
	}
	return timing_of(samples, n).median;
}

int timing_measure(uint32_t rounds, int (*round)(void *context, struct error *err), void *context,
		   struct timing *ret, struct error *err)
{
	cleanup_free double *samples = calloc(rounds, sizeof(*samples));
	double cost;
	int r = 0;

	if (samples == NULL)
		return error_set(err, ENOMEM, "keep %u samples", rounds);
	for (uint32_t i = 0; i < rounds / 10 && r == 0; i++)
		r = round(context, err);
	cost = clock_cost(samples, rounds);
	for (uint32_t i = 0; i < rounds && r == 0; i++) {
		double start = timing_now();

		r = round(context, err);
		samples[i] = timing_now() - start - cost;
	}
	if (r == 0)
		*ret = timing_of(samples, rounds);
	return r;
}

void timing_print(const struct timing *timing, const char *more)
{
	(void)printf("{%s,\"rounds\":%u,\"median\":%.2f,\"p10\":%.2f,\"p90\":%.2f,\"p99\":%.2f}\n",
		     more, timing->rounds, timing->median, timing->p10, timing->p90, timing->p99);
}

void timing_pin(void)
{
	cpu_set_t allowed, first;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		return;
	for (unsigned int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed))
			continue;
		CPU_ZERO(&first);
		CPU_SET(cpu, &first);
		(void)sched_setaffinity(0, sizeof(first), &first);
		return;
	}
}
