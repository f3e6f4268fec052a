/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tpm/state/blob.h"
#include "util/error.h"

/* Whoever removes or gives away a TPM's files takes it for one, by its name. */
#define RESTORED "tpm.restored"

void state_backup_done(struct state_backup *backup)
{
	tpm_blobs_done(&backup->blobs);
}

static int begin(const struct state *state, const struct state_key *key,
		 struct state_header *header, struct seal **seal, struct error *err)
{
	int r;

	*header = state->header;
	if (state_key_kind(key) == KEY_HOST)
		return error_say(err, EINVAL, "a backup needs a password or a key of its own");
	r = seal_choose(header, key, err);
	return r < 0 ? r : seal_new_by_key(header, key, false, seal, err);
}

int state_backup_make(struct state *state, const struct state_key *key, struct wiped *ret,
		      struct error *err)
{
	cleanup_wiped struct wiped all = { 0 };
	cleanup_with(seal_freep) struct seal *seal = NULL;
	struct state_header header;
	int r;

	if (state->files[BLOB_PERMANENT] == NULL)
		return error_say(err, ENOENT, "%s holds no TPM", state->dir.path);
	r = begin(state, key, &header, &seal, err);
	for (int i = 0; i < BLOBS && r == 0; i++) {
		if (state->files[i] == NULL)
			r = state_blob_open(state, (enum tpm_blob)i, err);
		if (r == 0) {
			r = state_blob_append(state, (enum tpm_blob)i, seal, &header, &all);
			if (r < 0)
				r = error_set(err, -r, "back up %s", state->dir.path);
		}
		if (r == -ENOENT)
			r = 0;
	}
	if (r < 0)
		return r;
	*ret = all;
	all.data = NULL;
	return 0;
}

static int check_kind(const struct state_header *header, const struct state_key *key,
		      struct error *err)
{
	if (header->key == state_key_kind(key))
		return 0;
	return error_say(err, EKEYREJECTED, "the backup was made with another kind of key: %s",
			 key_kind_name(header->key));
}

/* One state file of the backup; *SIZE gets its size. */
static int read_one(const uint8_t *bytes, size_t len, const struct state_key *key,
		    struct seal **seal, struct state_backup *backup, size_t *size,
		    struct error *err)
{
	bool first = *seal == NULL;
	struct state_header header;
	struct state_slot slot;
	int r;

	r = file_bytes_parse(bytes, len, &header, size, err);
	if (r == 0 && first)
		r = check_kind(&header, key, err);
	if (r == 0 && first)
		r = seal_new_by_key(&header, key, false, seal, err);
	if (r < 0)
		return r;
	if (first != (header.blob == BLOB_PERMANENT) ||
	    backup->blobs.of[header.blob].data != NULL ||
	    (!first && memcmp(header.salt, backup->header.salt, STATE_SALT_SIZE) != 0))
		return error_say(err, EBADMSG, "not a backup");
	r = file_bytes_open(bytes, &header, *seal, &slot, &backup->blobs.of[header.blob].data, err);
	if (r < 0)
		return r;
	backup->blobs.of[header.blob].len = slot.len;
	if (first) {
		backup->header = header;
		backup->generation = slot.generation;
	}
	return 0;
}

int state_backup_read(const uint8_t *bytes, size_t len, const struct state_key *key,
		      struct state_backup *ret, struct error *err)
{
	cleanup_with(state_backup_done) struct state_backup backup = { 0 };
	cleanup_with(seal_freep) struct seal *seal = NULL;
	size_t size;

	do {
		int r = read_one(bytes, len, key, &seal, &backup, &size, err);

		if (r < 0)
			return r;
		bytes += size;
		len -= size;
	} while (len > 0);
	*ret = backup;
	backup = (struct state_backup){ 0 };
	return 0;
}

bool state_is_restored(const struct state *state)
{
	return faccessat(state->dir.fd, RESTORED, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void state_forget_restored(struct state *state)
{
	(void)unlinkat(state->dir.fd, RESTORED, 0);
}

/* The mark comes first: no restored TPM is ever without it. */
static int store(struct state *state, const struct tpm_blobs *blobs, struct error *err)
{
	struct tpm_storage storage = state_storage(state);
	int r = state_dir_write(&state->dir, RESTORED, "", 0, err);

	if (r < 0)
		return r;
	r = tpm_blobs_store(blobs, &storage);
	if (r < 0)
		state_forget_restored(state);
	return r < 0 ? error_say(err, -r, "%s", state_last_error(state)) : 0;
}

int state_restore(const struct state_options *options, const struct state_backup *backup,
		  struct error *err)
{
	struct state_origin origin = { .created = backup->header.created,
				       .generation = backup->generation };
	struct state_options own = *options;
	cleanup_with(state_closep) struct state *state = NULL;
	int r;

	memcpy(origin.id, backup->header.id, sizeof(origin.id));
	own.origin = &origin;
	own.version = backup->header.version;
	r = state_open(&own, &state, err);
	return r < 0 ? r : store(state, &backup->blobs, err);
}
