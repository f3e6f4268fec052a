/* SPDX-License-Identifier: BSD-3-Clause */
/* The activity of vTPMs between two samples, as numbers and as a table. Pure. */
#ifndef VTPM_CUSE_CTL_RATES_H
#define VTPM_CUSE_CTL_RATES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct sample;
struct samples;

struct rates {
	const char *name;                /* the sample's */
	double commands, errors, stores; /* per second; errors include unanswered commands */
	double busy;                     /* percent of the time */
	uint64_t p50_ns, p99_ns;         /* latency; 0: there was no command */
	uint64_t store_p99_ns;
	uint64_t opens;
	bool frozen, degraded;
};

/* BEFORE is NULL for a vTPM that is new in NOW: its rates are zero. */
void rates_compute(const struct sample *before, const struct sample *now, struct rates *ret);

/* The rates of all vTPMs in NOW, the busiest first; the caller frees the array. NULL: no memory. */
struct rates *rates_of_all(const struct samples *before, const struct samples *now);

json_t *rates_json(const struct rates *rates);

/* The size of the longest line of a table, with its NUL. */
#define RATES_LINE_SIZE 512

/*
 * Writes one line of a table that is WIDTH columns wide, cut to fit, without a newline. NULL RATES:
 * the heading.
 */
void rates_line(const struct rates *rates, unsigned int width, char line[static RATES_LINE_SIZE]);

#endif
