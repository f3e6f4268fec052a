/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the parts of a state share: state.c opens and stores, recover.c, rekey.c,
 * replace.c and carry.c do what is done more seldom.
 */
#ifndef VTPM_TPM_STATE_STATE_IMPL_H
#define VTPM_TPM_STATE_STATE_IMPL_H

#include "tpm/state/identity.h"
#include "tpm/state/state.h"
#include "tpm/state/dir.h"
#include "tpm/state/file.h"

struct state {
	struct state_dir dir;
	struct state_header header; /* of the permanent state, or of what will be */
	struct seal *seal;
	struct state_file *files[BLOBS];
	bool identity_kept;
	uint64_t first_generation; /* of a file that is made */
	struct error last_error;
	struct secret *resume; /* volatile state for the next load */
	pthread_mutex_t lock;  /* info */
	struct state_info info;
};

/* Opens a file that is there and not opened yet; -ENOENT: there is none. */
int state_open_blob(struct state *state, enum tpm_blob blob, struct error *err);

/* The TPM is safe on disk whatever comes of this; it is tried again at the next store. */
void state_keep_identity(struct state *state);

/* tpm_storage's. */
int state_replace(void *context, const uint8_t *data, size_t len);

/* What a state_replace() that was interrupted left to do; the permanent state is there. */
int state_finish_replacing(struct state *state, struct error *err);

/* Tells state_get_info() of a store. */
void state_note_store(struct state *state, enum tpm_blob blob, int r);

#endif
