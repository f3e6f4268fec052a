/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether the disk is slow, by what the last flushes took: to have another thread take over before
 * one costs more than a fast one takes. Pure.
 */
#ifndef VTPM_TPM_STATE_PACE_H
#define VTPM_TPM_STATE_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* Longer than any command takes that nobody is relieved for. */
#define FLUSH_SLOW_MS 2

/* So many are taken for slow ones after one that was. */
#define FLUSHES_TAKEN_FOR_SLOW 16

struct flush_pace {
	unsigned int slow_left; /* flushes that are still taken for slow ones */
};

/* Of a disk that nothing is known of. */
#define FLUSH_PACE_UNKNOWN ((struct flush_pace){ .slow_left = 1 })

/* Whether the next one may be slow. */
bool flush_pace_is_slow(const struct flush_pace *pace);

/* One took so many milliseconds. */
void flush_pace_note(struct flush_pace *pace, int64_t ms);

#endif
