/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finds a running TPM whose directory was moved: a new TPM made in the old place would be mistaken
 * for it.
 */
#ifndef VTPM_CUSE_SERVER_MOVED_H
#define VTPM_CUSE_SERVER_MOVED_H

struct error;

/*
 * Called before a TPM is made in STATE, which does not exist. -EBUSY, with the server's name: a
 * server that answers still serves the TPM that was there.
 */
int moved_check(const char *state, struct error *err);

#endif
