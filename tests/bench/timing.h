/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How long something takes, done many times: median and percentiles in microseconds.
 */
#ifndef VTPM_TESTS_BENCH_TIMING_H
#define VTPM_TESTS_BENCH_TIMING_H

#include <stdint.h>

struct error;

struct timing {
	uint32_t rounds;
	double median, p10, p90, p99;
};

double timing_now(void);

/* Of N samples, which are sorted for that. */
struct timing timing_of(double *samples, uint32_t n);

/*
 * Calls ROUND a tenth of ROUNDS times to warm up, then ROUNDS times. The clock's own cost, which is
 * a system call in some guests, is taken off. ROUND fails with a negative errno.
 */
int timing_measure(uint32_t rounds, int (*round)(void *context, struct error *err), void *context,
		   struct timing *ret, struct error *err);

/* One line of JSON; further members, without the commas around them, are in MORE. */
void timing_print(const struct timing *timing, const char *more);

/* The calling process stays on its first CPU. */
void timing_pin(void);

#endif
