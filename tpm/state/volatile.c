/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The volatile state on its way to another process: saved by one, resumed by the other.
 */
#include "tpm/state/state.h"

#include <errno.h>
#include <string.h>

#include "tpm/state/blob.h"
#include "util/error.h"
#include "util/wiped.h"

int state_save_volatile(struct state *state, const uint8_t *data, size_t len, struct wiped *ret,
			struct error *err)
{
	const struct state_file *permanent = state->files[BLOB_PERMANENT];
	struct state_slot slot = { .blob = BLOB_VOLATILE,
				   .len = (uint32_t)len,
				   .stored = (uint64_t)time(NULL) };
	cleanup_wiped struct wiped all = { 0 };
	int r = 0;

	if (permanent == NULL || len == 0 || len > STATE_SLOT_MAX)
		return error_say(err, EINVAL, "there is nothing to save");
	slot.generation = state_file_generation(permanent);
	if (state->dir.is_private)
		r = state_blob_append(state, BLOB_PERMANENT, state->seal, &state->header, &all);
	if (r == 0)
		r = file_bytes_append(&all, state->seal, &state->header, &slot, data);
	if (r < 0)
		return error_set(err, -r, "save the volatile state");
	*ret = all;
	all.data = NULL;
	return 0;
}

static int check_resumable(const struct state *state, const struct state_header *header,
			   struct error *err)
{
	if (state->files[BLOB_PERMANENT] == NULL)
		return error_say(err, ENOENT, "%s holds no TPM to resume", state->dir.path);
	if (header->blob != BLOB_VOLATILE)
		return error_say(err, EBADMSG, "not a saved volatile state");
	if (memcmp(header->id, state->header.id, STATE_ID_SIZE) != 0)
		return error_say(err, EBADMSG, "the volatile state of another TPM");
	if (memcmp(header->salt, state->header.salt, STATE_SALT_SIZE) != 0)
		return error_say(err, EKEYREJECTED, "saved before the TPM's key was changed");
	return 0;
}

int state_resume(struct state *state, const uint8_t *bytes, size_t len, struct error *err)
{
	cleanup_with(secret_freep) struct secret *kept = NULL;
	cleanup_wiped struct wiped data = { 0 };
	struct state_header header;
	struct state_slot slot;
	uint64_t generation;
	size_t size;
	int r;

	r = file_bytes_parse(bytes, len, &header, &size, err);
	/* The directory was made of it. */
	if (r == 0 && header.blob == BLOB_PERMANENT && state->dir.is_private) {
		bytes += size;
		r = file_bytes_parse(bytes, len - size, &header, &size, err);
	}
	if (r == 0)
		r = check_resumable(state, &header, err);
	if (r == 0)
		r = file_bytes_open(bytes, &header, state->seal, &slot, &data.data, err);
	if (r < 0)
		return r;
	data.len = slot.len;
	generation = state_file_generation(state->files[BLOB_PERMANENT]);
	if (slot.generation != generation)
		r = error_say(err, ESTALE,
			      "saved with generation %llu of the permanent state, which is at %llu",
			      (unsigned long long)slot.generation, (unsigned long long)generation);
	if (r == 0 && secret_copy(data.data, data.len, &kept) < 0)
		r = error_set(err, ENOMEM, "resume");
	if (r < 0)
		return r;
	secret_free(state->resume);
	state->resume = take_ptr(kept);
	return 0;
}
