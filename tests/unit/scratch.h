/* SPDX-License-Identifier: BSD-3-Clause */
/* Directories for a test's files, and their content as bytes. */
#ifndef VTPM_TESTS_UNIT_SCRATCH_H
#define VTPM_TESTS_UNIT_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes an empty directory beneath $TMPDIR; the text is valid until the next scratch_remove(). */
const char *scratch_make(void);

/* Removes the directory and all in it. */
void scratch_remove(void);

/* Both as fixtures of a cmocka test: the directory is the working directory, *STATE is its path. */
int scratch_set_up(void **state);
int scratch_tear_down(void **state);

/* "SCRATCH/NAME": valid until the eighth call after it. */
const char *scratch_path(const char *name);

/* *DATA is allocated; the test fails when the file is not there. */
void scratch_read(const char *path, uint8_t **data, size_t *len);
void scratch_write(const char *path, const void *data, size_t len);
bool scratch_exists(const char *path);

/* Everything in the directory PATH (names, owners, modes, bytes) as one number. */
uint64_t scratch_digest(const char *path);

#endif
