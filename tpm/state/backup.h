/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TPM's state in one file, under a key of its own: its state files one after the other.
 */
#ifndef VTPM_TPM_STATE_BACKUP_H
#define VTPM_TPM_STATE_BACKUP_H

#include "tpm/blobs.h"
#include "tpm/state/state.h"

struct state_backup {
	struct state_header header; /* of the permanent state, as the backup has it */
	uint64_t generation;
	struct tpm_blobs blobs;
};

/* Wipes it; for cleanup_with(). */
void state_backup_done(struct state_backup *backup);

/* The bytes of a backup of STATE under KEY, which is no host key: that one stays here. */
int state_backup_make(struct state *state, const struct state_key *key, struct wiped *ret,
		      struct error *err);

/* -EKEYREJECTED: wrong key, or another kind of key; -EBADMSG: not a backup, or a corrupt one. */
int state_backup_read(const uint8_t *bytes, size_t len, const struct state_key *key,
		      struct state_backup *ret, struct error *err);

/*
 * Makes the backup's TPM in the directory of OPTIONS, under the key of OPTIONS. -EEXIST: it has a
 * TPM; -ESTALE: it held another one.
 */
int state_restore(const struct state_options *options, const struct state_backup *backup,
		  struct error *err);

/* Whether the TPM was made by state_restore(), and nobody was told so since. */
bool state_is_restored(const struct state *state);

/* From here on it is a TPM like any other. */
void state_forget_restored(struct state *state);

#endif
