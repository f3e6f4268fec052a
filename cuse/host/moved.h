/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TPM that is served, but not from where it was: a new one in its place would be taken for it.
 */
#ifndef VTPM_CUSE_SERVER_MOVED_H
#define VTPM_CUSE_SERVER_MOVED_H

struct error;

/*
 * Before a TPM is made in STATE, which is missing: -EBUSY and who it is when a server, of those
 * that answer us, serves the TPM that was there.
 */
int moved_check(const char *state, struct error *err);

#endif
