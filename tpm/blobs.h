/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TPM's whole state in memory: as its storage, and on the way from one storage to another.
 */
#ifndef VTPM_TPM_BLOBS_H
#define VTPM_TPM_BLOBS_H

#include "tpm/storage.h"
#include "util/wiped.h"

/* Zeroed it is empty; what is not there has no data. */
struct tpm_blobs {
	struct wiped of[BLOBS];
};

/* Wipes and frees. */
void tpm_blobs_done(struct tpm_blobs *blobs);

/* Borrows BLOBS. */
struct tpm_storage tpm_blobs_storage(struct tpm_blobs *blobs);

/* Copies all that STORAGE has to BLOBS, which is empty. */
int tpm_blobs_load(struct tpm_blobs *blobs, const struct tpm_storage *storage);

/* Copies all to STORAGE, the permanent state last: what is killed before can be done again. */
int tpm_blobs_store(const struct tpm_blobs *blobs, const struct tpm_storage *storage);

#endif
