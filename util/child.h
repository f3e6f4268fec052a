/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program run to its end: bytes in, bytes out, within limits.
 */
#ifndef VTPM_UTIL_CHILD_H
#define VTPM_UTIL_CHILD_H

#include <stddef.h>
#include <stdint.h>

struct error;

struct child_request {
	const char *const *argv;        /* argv[0] is the program's path; ends with NULL */
	const char *const *environment; /* likewise; NULL: ours */
	const void *input;              /* its standard input, a file that can be sought */
	size_t input_len;
	size_t output_max;
	unsigned int timeout_ms;
};

/*
 * *OUTPUT is what it wrote to standard output, the caller frees it. Whatever the outcome, neither
 * the program nor another of its process group is left running. -EIO: it failed, the sentence has
 * the last line it wrote to standard error; -ETIMEDOUT; -EFBIG: it wrote more than output_max. A
 * signal that would end the calling program ends this one first; where the caller has it blocked,
 * it stays to be taken, and this returns -ECANCELED.
 */
int child_run(const struct child_request *request, uint8_t **output, size_t *output_len,
	      struct error *err);

#endif
