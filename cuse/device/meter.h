/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a device has done, in numbers. Pure; the caller guards it.
 */
#ifndef VTPM_CUSE_DEVICE_METER_H
#define VTPM_CUSE_DEVICE_METER_H

#include "tpm/codes.h"
#include "util/durations.h"

struct meter {
	uint64_t commands; /* answered by the TPM */
	uint64_t errors;   /* of these, with a code other than success */
	uint64_t failures; /* not answered by the TPM */
	uint64_t kinds[TPM_CODE_KINDS];
	uint64_t bytes_in, bytes_out; /* of commands, of responses */
	uint64_t busy_ns;             /* that the TPM has worked for clients */
	struct durations latency;     /* from a command's arrival to its answer */
};

/* When a command came, was begun and was done, by monotonic_ns(). */
struct meter_times {
	uint64_t arrived, begun, done;
};

/* A command of LEN bytes that the TPM has answered. RESPONSE is no shorter than a header. */
void meter_answered(struct meter *meter, enum tpm_version version, size_t len,
		    const uint8_t *response, size_t response_len, const struct meter_times *times);

/* One that it has not. */
void meter_failed(struct meter *meter, size_t len, const struct meter_times *times);

#endif
