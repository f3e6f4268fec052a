/* SPDX-License-Identifier: BSD-3-Clause */
/* The counters of a device. Pure; the caller provides the lock. */
#ifndef VTPM_CUSE_DEVICE_METER_H
#define VTPM_CUSE_DEVICE_METER_H

#include "tpm/codes.h"
#include "util/durations.h"

struct meter {
	uint64_t commands; /* answered by the TPM */
	uint64_t errors;   /* of these, answered with another code than success */
	uint64_t failures; /* commands that the TPM did not answer */
	uint64_t kinds[TPM_CODE_KINDS];
	uint64_t bytes_in, bytes_out; /* of commands, of responses */
	uint64_t busy_ns;             /* time for which the TPM has worked for clients */
	struct durations latency;     /* from a command's arrival to its answer */
};

/* When a command arrived, began and ended, by monotonic_ns(). */
struct meter_times {
	uint64_t arrived, begun, done;
};

/* Counts a command of LEN bytes that the TPM has answered. RESPONSE has at least a header. */
void meter_answered(struct meter *meter, enum tpm_version version, size_t len,
		    const uint8_t *response, size_t response_len, const struct meter_times *times);

/* Counts a command that the TPM has not answered. */
void meter_failed(struct meter *meter, size_t len, const struct meter_times *times);

#endif
