/* SPDX-License-Identifier: BSD-3-Clause */
/* The counters of a vTPM since its start, for programs that monitor many vTPMs. */
#ifndef VTPM_CUSE_SERVER_METRICS_H
#define VTPM_CUSE_SERVER_METRICS_H

#include <jansson.h>

struct error;

/*
 * The run() of the control command; CONTEXT is the vTPM. Times in nanoseconds; counters only grow.
 */
int metrics_tell(void *context, const json_t *request, json_t *answer, struct error *err);

#endif
