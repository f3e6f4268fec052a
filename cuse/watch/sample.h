/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads the metrics that a server sends. Pure. */
#ifndef VTPM_CUSE_CTL_SAMPLE_H
#define VTPM_CUSE_CTL_SAMPLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tpm/codes.h"
#include "util/durations.h"

struct error;

struct sample {
	const char *name; /* borrowed from the JSON that it was read from */
	const char *tpm_version;
	uint64_t clock_ns; /* monotonic time of the sample */
	uint64_t commands, errors, failures;
	uint64_t kinds[TPM_CODE_KINDS]; /* errors by kind */
	uint64_t bytes_in, bytes_out, busy_ns, opens;
	uint64_t store_failures;
	struct durations latency, stores;
	bool frozen, degraded;
};

struct samples {
	struct sample *list;
	size_t count;
};

/* -EPROTO: JSON is no such answer of a server. */
int sample_parse(const json_t *json, struct sample *ret);

/*
 * Reads the samples of all servers in ALL, sorted by name; leaves out malformed ones. The caller
 * ends RET with samples_done().
 */
int samples_parse(const json_t *all, struct samples *ret, struct error *err);
void samples_done(struct samples *samples);

/* The sample with NAME; NULL: there is none. */
const struct sample *samples_find(const struct samples *samples, const char *name);

#endif
