/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/state.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "tpm/state/blob.h"
#include "tpm/state/hand_over.h"
#include "tpm/state/identity.h"
#include "tpm/state/rekey.h"
#include "tpm/state/replace.h"

struct tpm_storage state_storage(struct state *state)
{
	return (struct tpm_storage){ .load = state_blob_load,
				     .store = state_blob_store,
				     .remove = state_blob_remove,
				     .make_room = state_blob_make_room,
				     .replace = state_replace,
				     .context = state };
}

const char *state_last_error(const struct state *state)
{
	return state->last_error.text;
}

int state_dir(const struct state *state)
{
	return state->dir.fd;
}

void state_get_info(const struct state *state, struct state_info *ret)
{
	scoped_lock((pthread_mutex_t *)(uintptr_t)&state->lock);
	*ret = state->info;
}

static int check_kind(const struct state *state, enum key_kind kind, struct error *err)
{
	static const char *const wants[KEY_KINDS] = {
		[KEY_PLAIN] = "is plain: it opens with --plain only",
		[KEY_PASSWORD] = "is encrypted with a password: give --password",
		[KEY_RAW] = "is encrypted with a key: give --key",
		[KEY_HOST] =
			"is encrypted with the host key: leave out --key, --password and --plain",
	};

	if (kind == state->header.key)
		return 0;
	return error_say(err, EKEYREJECTED, "the state in %s %s", state->dir.path,
			 wants[state->header.key]);
}

static int check_identity(const struct state *state, const struct state_options *options,
			  struct error *err)
{
	const uint8_t *expected = options->expect_id;
	int r = identity_compare(&state->dir, &state->header, err);

	if (expected != NULL && memcmp(expected, state->header.id, STATE_ID_SIZE) != 0)
		return error_say(err, ESTALE, "%s holds another TPM than is expected",
				 state->dir.path);
	if (r == 0 && options->new_identity)
		return error_say(err, EEXIST,
				 "%s has a TPM: --new-identity is for one that is lost",
				 state->dir.path);
	return r == -ESTALE && options->new_identity ? 0 : r;
}

static int check_existing(const struct state *state, const struct state_options *options,
			  struct error *err)
{
	int r = check_identity(state, options, err);

	if (r < 0)
		return r;
	if (options->origin != NULL)
		return error_say(err, EEXIST, "%s has a TPM", state->dir.path);
	if (options->version != 0 && state->header.version != options->version)
		return error_say(err, EMEDIUMTYPE, "%s holds a TPM %s, not a TPM %s",
				 state->dir.path, tpm_version_name(state->header.version),
				 tpm_version_name(options->version));
	return check_kind(state, state_key_kind(options->key), err);
}

static int begin_new(struct state *state, const struct state_options *options, struct error *err)
{
	struct state_header *header = &state->header;
	int r;

	if (options->version == 0 || options->expect_id != NULL)
		return error_say(err, ENOENT, "%s holds no TPM", state->dir.path);
	r = identity_check(&state->dir, state_key_kind(options->key), options->new_identity,
			   options->origin != NULL ? options->origin->id : NULL, err);
	if (r < 0)
		return r;
	*header = (struct state_header){
		.format = STATE_FORMAT_VERSION,
		.blob = BLOB_PERMANENT,
		.version = options->version,
		.created = (uint64_t)time(NULL),
	};
	r = seal_choose(header, options->key, err);
	if (r < 0)
		return r;
	if (getrandom(header->id, sizeof(header->id), 0) != sizeof(header->id))
		return error_set(err, EIO, "random numbers for %s", state->dir.path);
	if (options->origin != NULL) {
		memcpy(header->id, options->origin->id, sizeof(header->id));
		header->created = options->origin->created;
		state->first_generation = options->origin->generation + 1;
	}
	return 0;
}

/* The permanent state's header, or that of a new one when there is none. */
static int find_header(struct state *state, const struct state_options *options, struct error *err)
{
	int r;

	r = state_file_open(&state->dir, BLOB_PERMANENT, &state->files[BLOB_PERMANENT], err);
	if (r == -ENOENT)
		return begin_new(state, options, err);
	if (r < 0)
		return r;
	state->header = *state_file_header(state->files[BLOB_PERMANENT]);
	return check_existing(state, options, err);
}

static int unlock(struct state *state, const struct state_key *key, struct error *err)
{
	struct state_file *file = state->files[BLOB_PERMANENT];
	int r = seal_new_by_key(&state->header, key, file == NULL, &state->seal, err);

	if (r < 0)
		return error_prefix(err, r, "the state in %s", state->dir.path);
	return file != NULL ? state_file_unlock(file, state->seal, err) : 0;
}

/* What was prepared for a new key is finished, what was abandoned goes away. */
static int finish_prepared(struct state *state, struct error *err)
{
	int r = 0;

	for (int i = 0; i < BLOBS && r == 0; i++)
		r = state_file_finish(&state->dir, (enum tpm_blob)i, &state->header, err);
	return r;
}

static void init_info(struct state *state)
{
	const struct state_file *file = state->files[BLOB_PERMANENT];
	struct state_info *info = &state->info;

	info->dir = state->dir.path;
	info->encryption = key_kind_name(state->header.key);
	info->version = state->header.version;
	info->created = (time_t)state->header.created;
	memcpy(info->id, state->header.id, STATE_ID_SIZE);
	if (file == NULL)
		return;
	info->generation = state_file_generation(file);
	info->stored = (time_t)state_file_stored(file);
	if (info->warning.text[0] == '\0')
		(void)error_say(&info->warning, 0, "%s", state_file_warning(file));
	state->identity_kept = identity_is_kept(&state->dir, &state->header);
}

static int open_dir(struct state *state, const struct state_options *options, struct error *err)
{
	int r;

	state->dir = (struct state_dir){
		.read_only = options->read_only,
		.uid = options->uid,
		.gid = options->gid,
		.take_from = options->take_from,
		.rate = options->store_rate != 0 ? &state->rate : NULL,
		.pace = &state->pace,
		.sync = options->sync,
		.before_wait = options->before_wait,
		.context = options->context,
	};
	if (strcmp(options->dir, STATE_DIR_MEMORY) == 0) {
		if (options->memory_fd <= 0)
			return error_say(err, EINVAL, "a state in memory is its server's alone");
		return state_dir_open_private(&state->dir, options->memory_fd, err);
	}
	r = state_dir_open(&state->dir, options->dir, options->version != 0 && !options->read_only,
			   err);
	return r == 0 && options->take_from != NULL ? state_hand_over_check(&state->dir, err) : r;
}

/* What an earlier process left to do in a directory that has a TPM. */
static int finish_all(struct state *state, const struct state_options *options, struct error *err)
{
	int r;

	if (state->files[BLOB_PERMANENT] == NULL || options->read_only)
		return 0;
	r = finish_prepared(state, err);
	if (r == 0)
		r = state_finish_replacing(state, err);
	if (r == 0 && options->new_identity)
		r = identity_keep(&state->dir, &state->header, err);
	if (r == 0 && state->header.format < STATE_FORMAT_VERSION && !options->old_format)
		r = state_convert(state, options->key, err);
	return r;
}

int state_open(const struct state_options *options, struct state **ret, struct error *err)
{
	cleanup_with(state_closep) struct state *state = calloc(1, sizeof(*state));
	int r;

	if (state == NULL)
		return error_set(err, ENOMEM, "open %s", options->dir);
	(void)pthread_mutex_init(&state->lock, NULL);
	state->first_generation = 1;
	state->rate.per_second = options->store_rate;
	state->pace = FLUSH_PACE_UNKNOWN;
	r = open_dir(state, options, err);
	if (r == 0)
		r = find_header(state, options, err);
	if (r == 0)
		r = unlock(state, options->key, err);
	if (r == 0)
		r = finish_all(state, options, err);
	if (r < 0)
		return r;
	init_info(state);
	*ret = take_ptr(state);
	return 0;
}

int state_give(struct state *state, uid_t *taken_from, struct error *err)
{
	int r;

	*taken_from = state->dir.uid;
	if (state->dir.take_from == NULL)
		return 0;
	r = state_hand_over(&state->dir, taken_from, err);
	/* Their new owner is no change that somebody else has made. */
	for (int i = 0; i < BLOBS && r == 0; i++) {
		if (state->files[i] != NULL)
			(void)state_file_mark(state->files[i]);
	}
	return r;
}

int state_settle(struct state *state, const char *name)
{
	return state_dir_settle(&state->dir, name);
}

int state_check(struct state *state, struct error *err)
{
	return state_blob_check(state, err);
}

void state_close(struct state *state)
{
	if (state == NULL)
		return;
	for (int i = 0; i < BLOBS; i++) {
		if (state->files[i] != NULL && !state->dir.sync)
			(void)state_file_sync(state->files[i]);
		state_file_close(state->files[i]);
	}
	secret_free(state->resume);
	seal_free(state->seal);
	state_dir_done(&state->dir);
	(void)pthread_mutex_destroy(&state->lock);
	free(state);
}
