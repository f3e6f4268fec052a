/* SPDX-License-Identifier: BSD-3-Clause */
/* A state directory in a scratch directory, and blobs to put into it. */
#ifndef VTPM_TESTS_UNIT_STATE_FIXTURE_H
#define VTPM_TESTS_UNIT_STATE_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tpm/state/state.h"

extern char fixture_dir[200], fixture_file[250]; /* of the permanent state */
extern struct state_options fixture_options;     /* with a raw key, until changed */
extern struct state_key *fixture_keys[KEY_KINDS];
extern unsigned int fixture_waits; /* for the disk */

int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/* In a forked child, which has no copy of its parent's. */
void fixture_make_keys(void);

/* A blob that is told apart from any other; allocated. */
uint8_t *fixture_blob(uint8_t number, size_t len);

int fixture_store(struct state *state, uint8_t number, size_t len);
bool fixture_holds(struct state *state, uint8_t number, size_t len);

/* Opens with fixture_options; it must succeed. */
struct state *fixture_open(void);

/* Opening with fixture_options fails with R and this text, which has "DIR" for the directory. */
void fixture_refused(int r, const char *text);

/* It fails as HOLDER has the directory. */
void fixture_in_use(pid_t holder);

/* Writes "DIR" for the directory's name. */
void fixture_shorten(const char *text, char *out);

/* A directory with two generations of blobs of LEN bytes, 1 and 2. */
void fixture_fill(size_t len);

#endif
