/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/blob.h"

#include <errno.h>
#include <string.h>

#include "tpm/state/identity.h"
#include "util/clock.h"

void state_note_store(struct state *state, enum tpm_blob blob, int r, uint64_t ns)
{
	const struct state_file *file = state->files[blob];

	scoped_lock(&state->lock);
	if (blob != BLOB_PERMANENT)
		return;
	state->info.degraded.text[0] = '\0';
	if (r < 0) {
		state->info.degraded = state->last_error;
		state->info.store_failures++;
	}
	if (r < 0 || file == NULL)
		return;
	state->info.generation = state_file_generation(file);
	state->info.stored = (time_t)state_file_stored(file);
	state->info.stores++;
	durations_add(&state->info.store_times, ns);
	(void)error_say(&state->info.warning, 0, "%s", state_file_warning(file));
}

/* A file of another TPM, or of this one before its key was changed. */
static int check_belongs(const struct state *state, const struct state_file *file,
			 struct error *err)
{
	const struct state_header *header = state_file_header(file);

	if (memcmp(header->id, state->header.id, STATE_ID_SIZE) == 0 &&
	    memcmp(header->salt, state->header.salt, STATE_SALT_SIZE) == 0)
		return 0;
	return error_say(err, EBADMSG, "%s/%s belongs to another TPM", state->dir.path,
			 state_file_name(header->blob));
}

int state_blob_open(struct state *state, enum tpm_blob blob, struct error *err)
{
	cleanup_with(state_file_closep) struct state_file *file = NULL;
	int r;

	r = state_file_open(&state->dir, blob, &file, err);
	if (r == 0)
		r = check_belongs(state, file, err);
	if (r == 0)
		r = state_file_unlock(file, state->seal, err);
	if (r == 0)
		state->files[blob] = take_ptr(file);
	return r;
}

int state_blob_append(const struct state *state, enum tpm_blob blob, const struct seal *seal,
		      const struct state_header *header, struct wiped *all)
{
	const struct state_file *file = state->files[blob];
	cleanup_wiped struct wiped content = { 0 };
	struct state_slot slot = { .blob = blob,
				   .generation = state_file_generation(file),
				   .stored = state_file_stored(file) };
	int r = state_file_load(file, &content.data, &content.len, NULL);

	slot.len = (uint32_t)content.len;
	return r < 0 ? r : file_bytes_append(all, seal, header, &slot, content.data);
}

static int load_resumed(struct state *state, uint8_t **data, size_t *len)
{
	cleanup_with(secret_freep) struct secret *kept = take_ptr(state->resume);

	*data = malloc(kept->len);
	if (*data == NULL)
		return error_set(&state->last_error, ENOMEM, "resume");
	memcpy(*data, kept->bytes, kept->len);
	*len = kept->len;
	return 0;
}

int state_blob_load(void *context, enum tpm_blob blob, uint8_t **data, size_t *len)
{
	struct state *state = context;
	int r = 0;

	state->last_error.text[0] = '\0';
	if (blob == BLOB_VOLATILE && state->resume != NULL)
		return load_resumed(state, data, len);
	/* Whether there is a permanent state was settled when the directory was opened. */
	if (state->files[blob] == NULL && blob == BLOB_PERMANENT)
		return -ENOENT;
	if (state->files[blob] == NULL)
		r = state_blob_open(state, blob, &state->last_error);
	if (r == -ENOENT)
		state->last_error.text[0] = '\0';
	if (r < 0)
		return r;
	return state_file_load(state->files[blob], data, len, &state->last_error);
}

static void warn(struct state *state, const struct error *why)
{
	scoped_lock(&state->lock);
	state->info.warning = *why;
}

/* Whether the directory may be written. */
static int check_dir(struct state *state, struct error *err)
{
	struct error warning;
	int r;

	if (state->dir.read_only)
		return error_set(err, EROFS, "write %s", state->dir.path);
	r = state_dir_check(&state->dir, err);
	if (r <= 0)
		return r;
	(void)error_say(&warning, 0, "the lock of %s was removed; it was made anew",
			state->dir.path);
	warn(state, &warning);
	return 0;
}

/*
 * A directory that remembers another TPM remembers the new one before its state is there: between
 * the two it has lost a TPM, as it had before.
 */
static int forget_other(struct state *state, enum tpm_blob blob)
{
	if (blob != BLOB_PERMANENT || !identity_exists(&state->dir))
		return 0;
	return identity_keep(&state->dir, &state->header, &state->last_error);
}

static int store_first(struct state *state, enum tpm_blob blob, const uint8_t *data, size_t len)
{
	int r = forget_other(state, blob);

	if (r < 0)
		return r;
	return state_file_create(&state->dir, blob, state->seal, &state->header,
				 state->first_generation, data, len, &state->files[blob],
				 &state->last_error);
}

void state_keep_identity(struct state *state)
{
	struct error err;

	state->dir.made = false;
	if (state->identity_kept)
		return;
	if (identity_keep(&state->dir, &state->header, &err) == 0) {
		state->identity_kept = true;
		return;
	}
	warn(state, &err);
}

static int store(struct state *state, enum tpm_blob blob, const uint8_t *data, size_t len)
{
	int r = check_dir(state, &state->last_error);

	if (r < 0)
		return r;
	if (state->files[blob] == NULL && blob != BLOB_PERMANENT)
		(void)state_blob_open(state, blob, NULL);
	if (state->files[blob] == NULL)
		return store_first(state, blob, data, len);
	return state_file_store(state->files[blob], data, len, &state->last_error);
}

int state_blob_store(void *context, enum tpm_blob blob, const uint8_t *data, size_t len)
{
	struct state *state = context;
	uint64_t begun = monotonic_ns();
	int r;

	state->last_error.text[0] = '\0';
	r = store(state, blob, data, len);
	state_note_store(state, blob, r, monotonic_ns() - begun);
	if (r == 0)
		state_keep_identity(state);
	return r;
}

int state_blob_make_room(void *context)
{
	struct state *state = context;
	struct state_file *file = state->files[BLOB_PERMANENT];
	struct error warning;
	int r = file != NULL ? state_file_make_room(file) : 0;

	if (r == 0)
		return 0;
	(void)error_say(&warning, 0, "%s", state_file_warning(file));
	warn(state, &warning);
	return r;
}

int state_blob_check(struct state *state, struct error *err)
{
	struct state_file *file = state->files[BLOB_PERMANENT];
	struct error why = { "" };
	int r = check_dir(state, &why);

	if (r == 0 && file != NULL)
		r = state_file_check(file, &why);
	if (r == 0 && file != NULL && state_file_warning(file)[0] != '\0')
		(void)error_say(&why, 0, "%s", state_file_warning(file));
	if (why.text[0] == '\0')
		return r;
	scoped_lock(&state->lock);
	*(r == -ESTALE ? &state->info.degraded : &state->info.warning) = why;
	return r < 0 ? error_say(err, -r, "%s", why.text) : r;
}

int state_blob_remove(void *context, enum tpm_blob blob)
{
	struct state *state = context;
	const char *name = state_file_name(blob);
	int r;

	state->last_error.text[0] = '\0';
	if (blob == BLOB_PERMANENT)
		return error_say(&state->last_error, EPERM, "%s/%s is never removed",
				 state->dir.path, name);
	r = check_dir(state, &state->last_error);
	if (r < 0)
		return r;
	state_file_close(take_ptr(state->files[blob]));
	if (unlinkat(state->dir.fd, name, 0) < 0) {
		if (errno == ENOENT)
			return 0;
		return error_set(&state->last_error, errno, "remove %s/%s", state->dir.path, name);
	}
	if (state->dir.sync && fsync(state->dir.fd) < 0)
		return error_set(&state->last_error, errno, "remove %s/%s", state->dir.path, name);
	return 0;
}
