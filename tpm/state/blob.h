/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The blobs of a state: each in a file of its own, all in one directory and under one key. For the
 * storing thread.
 */
#ifndef VTPM_TPM_STATE_BLOB_H
#define VTPM_TPM_STATE_BLOB_H

#include <pthread.h>

#include "tpm/state/dir.h"
#include "tpm/state/file.h"
#include "tpm/state/file_bytes.h"
#include "tpm/state/info.h"
#include "tpm/state/pace.h"
#include "tpm/state/rate.h"

struct state {
	struct state_dir dir;
	struct state_header header; /* of the permanent state, or of what will be */
	struct seal *seal;
	struct state_file *files[BLOBS]; /* NULL: not opened, or there is none */
	bool identity_kept;
	uint64_t first_generation; /* of a file that is made */
	struct store_rate rate;
	struct flush_pace pace;
	struct error last_error;
	struct secret *resume; /* volatile state for the next load */
	pthread_mutex_t lock;  /* info */
	struct state_info info;
};

/*
 * Whether directory and permanent state are still ours and as we left them. -EBADMSG: the next
 * store makes the file anew; -ESTALE: they are not ours any more, and no store succeeds.
 */
int state_blob_check(struct state *state, struct error *err);

/* Opens a file that is there and not opened yet; -ENOENT: there is none. */
int state_blob_open(struct state *state, enum tpm_blob blob, struct error *err);

/* Puts a copy of an open file's content, sealed with SEAL for a file of HEADER, behind ALL. */
int state_blob_append(const struct state *state, enum tpm_blob blob, const struct seal *seal,
		      const struct state_header *header, struct wiped *all);

/* As tpm_storage has them, for a state, with the reason of a failure in last_error. */
int state_blob_load(void *context, enum tpm_blob blob, uint8_t **data, size_t *len);
int state_blob_store(void *context, enum tpm_blob blob, const uint8_t *data, size_t len);
int state_blob_remove(void *context, enum tpm_blob blob);
int state_blob_make_room(void *context);

/* The TPM is safe on disk whatever comes of this; it is tried again at the next store. */
void state_keep_identity(struct state *state);

/* Tells state_get_info() of a store that took NS nanoseconds. */
void state_note_store(struct state *state, enum tpm_blob blob, int r, uint64_t ns);

#endif
