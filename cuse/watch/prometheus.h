/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes samples of vTPMs in the text format of Prometheus, version 0.0.4. Pure. */
#ifndef VTPM_CUSE_CTL_PROMETHEUS_H
#define VTPM_CUSE_CTL_PROMETHEUS_H

#include <stdio.h>

struct samples;

/* How many servers did not answer, and how many have died. */
struct prometheus_missing {
	size_t silent, dead;
};

void prometheus_write(FILE *out, const struct samples *samples,
		      const struct prometheus_missing *missing);

#endif
