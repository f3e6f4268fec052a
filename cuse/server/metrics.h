/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a vTPM has done since its start, in numbers, for those that watch many of them.
 */
#ifndef VTPM_CUSE_SERVER_METRICS_H
#define VTPM_CUSE_SERVER_METRICS_H

#include <jansson.h>

struct error;

/* The control command: CONTEXT is the vTPM. Times are nanoseconds; counters only grow. */
int metrics_tell(void *context, const json_t *request, json_t *answer, struct error *err);

#endif
