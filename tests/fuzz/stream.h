/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the clients of a TPM do, as the bytes of a fuzz target's input: step after step who does it,
 * and a command, which tells its length by its header. Pure.
 */
#ifndef VTPM_TESTS_FUZZ_STREAM_H
#define VTPM_TESTS_FUZZ_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tpm/command_layout.h"

#define STREAM_CLIENTS 4
#define STREAM_STEPS_MAX 64

/* The first byte of a step: the client in the lowest bits, and what is the matter. */
#define STEP_CLIENT 0x03
#define STEP_COMES_AGAIN 0x04 /* it has left before, and what it had is gone */
#define STEP_DISK_FAILS 0x08  /* while its command runs */

struct step {
	uint8_t who;
	const uint8_t *command;
	size_t len;
};

/* The next step, borrowed, from *DATA on, which goes on behind it; false: there is none. */
bool stream_next(const uint8_t **data, size_t *left, struct step *step);

/*
 * Changes the stream of SIZE bytes at DATA into another one of at most MAX, by what SEED says; its
 * new size. By TABLE it knows where handles and sessions are: sizes and counts stay right, and what
 * handles name may well be there.
 */
size_t stream_mutate(uint8_t *data, size_t size, size_t max, unsigned int seed,
		     const struct command_table *table);

/* The first steps of A, then the last ones of B, at most MAX bytes in OUT; the size. */
size_t stream_cross(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, uint8_t *out,
		    size_t max, unsigned int seed);

#endif
