/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How fast a state may be written, so that whoever has the TPM does not wear out the disk: a bucket
 * of bytes that fills up steadily. Pure.
 */
#ifndef VTPM_TPM_STATE_RATE_H
#define VTPM_TPM_STATE_RATE_H

#include <stddef.h>
#include <stdint.h>

/* What is there at first, and at most: some thousand stores of a TPM that is new. */
#define STORE_BURST (INT64_C(32) << 20)

struct store_rate {
	uint32_t per_second; /* bytes; 0: as many as there are */
	int64_t used;        /* of the bucket */
	int64_t then;        /* when that was, in milliseconds */
};

/* Milliseconds to wait with a store of LEN bytes, which is counted, at NOW. */
int64_t store_rate_take(struct store_rate *rate, size_t len, int64_t now);

#endif
