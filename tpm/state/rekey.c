/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/rekey.h"

#include <errno.h>
#include <string.h>

#include "tpm/state/blob.h"
#include "tpm/state/identity.h"
#include "util/error.h"

static int new_seal(const struct state_key *key, struct state_header *header, struct seal **seal,
		    struct error *err)
{
	int r = seal_choose(header, key, err);

	header->format = STATE_FORMAT_VERSION;
	return r < 0 ? r : seal_new_by_key(header, key, true, seal, err);
}

/* Every file anew beside the old one; nothing has changed yet. */
static int prepare_all(struct state *state, const struct seal *seal,
		       const struct state_header *header, struct error *err)
{
	for (int i = 0; i < BLOBS; i++) {
		int r = 0;

		if (state->files[i] == NULL)
			r = state_blob_open(state, (enum tpm_blob)i, err);
		if (r == 0)
			r = state_file_prepare(state->files[i], seal, header, err);
		if (r < 0 && r != -ENOENT)
			return r;
	}
	if (fsync(state->dir.fd) < 0)
		return error_set(err, errno, "flush %s", state->dir.path);
	return 0;
}

/*
 * The permanent state goes first: with it the new key is in force, and should we get no further,
 * the next start puts the other files in their places.
 */
static int commit_all(struct state *state, struct error *err)
{
	static const enum tpm_blob order[BLOBS] = { BLOB_PERMANENT, BLOB_VOLATILE, BLOB_SAVESTATE };
	int r = 0;

	for (int i = 0; i < BLOBS && r == 0; i++) {
		if (state->files[order[i]] != NULL)
			r = state_file_commit(&state->dir, order[i], err);
	}
	return r;
}

static int reopen(struct state *state, struct error *err)
{
	int r;

	for (int i = 0; i < BLOBS; i++)
		state_file_close(take_ptr(state->files[i]));
	r = state_blob_open(state, BLOB_PERMANENT, err);
	if (r == 0)
		r = identity_keep(&state->dir, &state->header, err);
	return r;
}

static void set_encryption(struct state *state)
{
	scoped_lock(&state->lock);
	state->info.encryption = key_kind_name(state->header.key);
}

/* From here on there is no way back but forward. */
static int commit(struct state *state, const struct state_header *header, struct seal *seal,
		  struct error *err)
{
	int r = commit_all(state, err);

	if (r < 0) {
		seal_free(seal);
		return r;
	}
	state->header = *header;
	seal_free(state->seal);
	state->seal = seal;
	set_encryption(state);
	return reopen(state, err);
}

int state_rekey(struct state *state, const struct state_key *key, struct error *err)
{
	cleanup_with(seal_freep) struct seal *seal = NULL;
	struct state_header header = state->header;
	int r;

	if (state->files[BLOB_PERMANENT] == NULL)
		return error_say(err, ENOENT, "%s holds no TPM", state->dir.path);
	r = new_seal(key, &header, &seal, err);
	if (r == 0)
		r = prepare_all(state, seal, &header, err);
	return r < 0 ? r : commit(state, &header, take_ptr(seal), err);
}

static void abandon(struct state *state, const struct error *why)
{
	for (int i = 0; i < BLOBS; i++)
		(void)state_file_finish(&state->dir, (enum tpm_blob)i, &state->header, NULL);
	scoped_lock(&state->lock);
	(void)error_say(&state->info.warning, 0, "%s stays in the format of an earlier release: %s",
			state->dir.path, why->text);
}

int state_convert(struct state *state, const struct state_key *key, struct error *err)
{
	cleanup_with(seal_freep) struct seal *seal = NULL;
	struct state_header header = state->header;
	struct error why = { "" };
	int r;

	r = new_seal(key, &header, &seal, &why);
	if (r == 0)
		r = prepare_all(state, seal, &header, &why);
	if (r == 0)
		return commit(state, &header, take_ptr(seal), err);
	abandon(state, &why);
	return 0;
}
