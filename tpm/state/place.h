/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a directory that is open is, by name: whether somebody has moved it, or one that it is in.
 * The kernel tells it to a process that may not look at the directories above, or sees none.
 */
#ifndef VTPM_TPM_STATE_PLACE_H
#define VTPM_TPM_STATE_PLACE_H

#include <stdbool.h>

#include "util/cleanup.h"

struct place;

/* Of DIR_FD, which it borrows. While /proc can be seen; without one no move is noticed. */
int place_new(int dir_fd, struct place **ret);
void place_free(struct place *place);
DEFINE_CLEANUP(struct place, place_free);

/* It is where it belongs: call this again when what the process sees of mounts has changed. */
void place_settle(struct place *place);

/* Whether it is elsewhere now; false before place_settle(). NULL is nowhere else. */
bool place_was_left(const struct place *place);

#endif
