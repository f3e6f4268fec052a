/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TPM's state in memory, until it is complete and goes to its real storage with one store.
 */
#ifndef VTPM_CERTS_FACTORY_STAGING_H
#define VTPM_CERTS_FACTORY_STAGING_H

#include "tpm/tpm.h"

struct error;

struct staging {
	struct {
		uint8_t *data;
		size_t len;
	} blobs[BLOBS];
};

/* Borrows STAGING. */
struct tpm_storage staging_storage(struct staging *staging);

/* Puts the TPM into TARGET, in the place of the one that is there: all of it or nothing. */
int staging_commit(const struct staging *staging, const struct tpm_storage *target,
		   struct error *err);

/* Wipes and frees. */
void staging_done(struct staging *staging);

#endif
