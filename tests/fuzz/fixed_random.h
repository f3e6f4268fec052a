/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * OpenSSL's random numbers, and with them the TPM's, are the same ones each time: what a fuzz
 * target did it does again.
 */
#ifndef VTPM_TESTS_FUZZ_FIXED_RANDOM_H
#define VTPM_TESTS_FUZZ_FIXED_RANDOM_H

/* From the first number on, for the whole process. */
void fixed_random_begin(void);

#endif
