/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A state directory changes hands: servers run as users that come and go, their states stay.
 */
#ifndef VTPM_TPM_STATE_HAND_OVER_H
#define VTPM_TPM_STATE_HAND_OVER_H

#include <sys/types.h>

struct error;
struct state_dir;

/*
 * -EPERM when DIR is not to be given to dir->uid: it, or a file of a TPM's in it, is of somebody
 * from whom it is not taken; such a file has another name; or other things than a TPM's are there.
 */
int state_hand_over_check(const struct state_dir *dir, struct error *err);

/*
 * Gives DIR, which is locked, and the TPM's files in it to dir->uid and dir->gid, as root. While it
 * does, the directory is root's, so that nobody changes names in it; whoever is killed meanwhile
 * leaves what the next one takes. *TAKEN_FROM gets whose it was. As state_hand_over_check(), and
 * then nothing has changed.
 */
int state_hand_over(const struct state_dir *dir, uid_t *taken_from, struct error *err);

#endif
