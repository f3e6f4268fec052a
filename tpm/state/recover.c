/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Storing again after it has failed, or after files were removed under the running TPM.
 */
#include "tpm/state/state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "tpm/blobs.h"
#include "tpm/state/blob.h"
#include "util/error.h"

static bool is_removed(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink == 0;
}

static int check_free(const struct state_dir *dir, enum tpm_blob blob, struct error *err)
{
	struct stat st;

	if (fstatat(dir->fd, state_file_name(blob), &st, AT_SYMLINK_NOFOLLOW) == 0)
		return error_say(err, ESTALE, "%s/%s was replaced under the running TPM", dir->path,
				 state_file_name(blob));
	return errno == ENOENT ? 0 : error_set(err, errno, "open %s", dir->path);
}

/* The removed file is still open here, and has what was stored last. */
static int remake_file(struct state *state, enum tpm_blob blob, struct error *err)
{
	cleanup_with(tpm_blobs_done) struct tpm_blobs content = { 0 };
	struct state_file *file = state->files[blob], *fresh = NULL;
	int r;

	r = check_free(&state->dir, blob, err);
	if (r == 0)
		r = state_file_load(file, &content.of[blob].data, &content.of[blob].len, err);
	if (r == 0)
		r = state_file_create(&state->dir, blob, state->seal, &state->header,
				      state_file_generation(file) + 1, content.of[blob].data,
				      content.of[blob].len, &fresh, err);
	if (r < 0)
		return r;
	state_file_close(file);
	state->files[blob] = fresh;
	return 0;
}

static int store_again(struct state *state, enum tpm_blob blob, struct error *err)
{
	cleanup_with(tpm_blobs_done) struct tpm_blobs content = { 0 };
	struct state_file *file = state->files[blob];
	int r;

	r = state_file_load(file, &content.of[blob].data, &content.of[blob].len, err);
	if (r == 0)
		r = state_file_store(file, content.of[blob].data, content.of[blob].len, err);
	return r == -ESTALE ? remake_file(state, blob, err) : r;
}

int state_store_again(struct state *state, struct error *err)
{
	int r = 0;

	if (state->files[BLOB_PERMANENT] == NULL)
		return 0;
	if (is_removed(state->dir.fd))
		r = error_say(&state->last_error, ENOENT, "%s was removed", state->dir.path);
	for (int i = 0; i < BLOBS && r == 0; i++) {
		if (state->files[i] != NULL)
			r = store_again(state, (enum tpm_blob)i, &state->last_error);
	}
	state_note_store(state, BLOB_PERMANENT, r);
	if (r < 0)
		return error_say(err, -r, "%s", state->last_error.text);
	state_keep_identity(state);
	return 0;
}
