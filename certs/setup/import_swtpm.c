/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-setup import-swtpm: makes a state from one of swtpm's. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "certs/setup/swtpm.h"
#include "tpm/swtpm/format.h"
#include "util/error.h"
#include "util/file.h"

#define SWTPM_FILE_MAX (16U << 20)

struct config {
	struct setup_state state;
	struct swtpm_state swtpm;
};

static const struct option_spec specs[] = {
	SETUP_STATE_OPTIONS(struct config, state),
	OPTION_STRING("from", 'i', "DIR", "swtpm's directory", struct config, swtpm.dir),
	SWTPM_KEY_OPTIONS(struct config, swtpm),
	{ 0 },
};

/* The key is read once for all files: a descriptor gives it only once. */
static int open_file(const struct swtpm_state *swtpm, const uint8_t *bytes, size_t len,
		     struct secret **key, bool *has_key, uint8_t **data, size_t *data_len,
		     struct error *err)
{
	struct swtpm_file file;
	int r;

	r = swtpm_parse(bytes, len, &file, err);
	if (r == 0 && !*has_key)
		r = swtpm_state_key(swtpm, file.key_size, key, err);
	if (r < 0)
		return r;
	*has_key = true;
	return swtpm_open(&file, *key, data, data_len, err);
}

static int find_version(const struct state_dir *dir, enum tpm_version *ret, struct error *err)
{
	bool is_2 = swtpm_state_exists(dir, TPM_VERSION_2);
	bool is_1_2 = swtpm_state_exists(dir, TPM_VERSION_1_2);

	if (is_2 && is_1_2)
		return error_say(err, ENOTUNIQ, "%s holds a TPM 2.0 and a TPM 1.2", dir->path);
	if (!is_2 && !is_1_2)
		return error_say(err, ENOENT, "%s holds no state of swtpm", dir->path);
	*ret = is_2 ? TPM_VERSION_2 : TPM_VERSION_1_2;
	return 0;
}

/* Leaves out what a suspend has kept: the TPM starts anew. */
static int read_all(const struct swtpm_state *swtpm, const struct state_dir *dir,
		    enum tpm_version version, struct tpm_blobs *blobs, struct error *err)
{
	static const enum tpm_blob wanted[] = { BLOB_PERMANENT, BLOB_SAVESTATE };
	cleanup_with(secret_freep) struct secret *key = NULL;
	bool has_key = false;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const char *name = swtpm_file_name(version, wanted[i]);
		cleanup_free char *bytes = NULL;
		size_t len;
		int r;

		r = read_file(dir->fd, name, SWTPM_FILE_MAX, &bytes, &len);
		if (r == -ENOENT && wanted[i] != BLOB_PERMANENT)
			continue;
		if (r < 0)
			return error_set(err, -r, "read %s/%s", dir->path, name);
		r = open_file(swtpm, (const uint8_t *)bytes, len, &key, &has_key,
			      &blobs->of[wanted[i]].data, &blobs->of[wanted[i]].len, err);
		explicit_bzero(bytes, len);
		if (r < 0)
			return error_prefix(err, r, "%s/%s", dir->path, name);
	}
	return 0;
}

/* Reads under swtpm's lock, and releases it: the new state may go to the same directory. */
static int read_swtpm(const struct swtpm_state *swtpm, enum tpm_version *version,
		      struct tpm_blobs *blobs, struct error *err)
{
	struct state_dir dir = { .read_only = true, .uid = (uid_t)-1 };
	struct tpm_storage storage = tpm_blobs_storage(blobs);
	int r;

	if (swtpm->dir == NULL)
		return error_say(err, EINVAL, "--from is missing");
	r = state_dir_open(&dir, swtpm->dir, false, err);
	if (r < 0)
		return r;
	r = find_version(&dir, version, err);
	if (r == 0)
		r = read_all(swtpm, &dir, *version, blobs, err);
	state_dir_done(&dir);
	return r < 0 ? r : tpm_validate(*version, &storage, err);
}

static int store_all(struct state *state, const struct tpm_blobs *blobs, struct error *err)
{
	const struct tpm_storage storage = state_storage(state);
	int r = tpm_blobs_store(blobs, &storage);

	return r < 0 ? error_say(err, -r, "%s", state_last_error(state)) : 0;
}

static int import(const void *context, struct error *err)
{
	const struct config *config = context;
	cleanup_with(tpm_blobs_done) struct tpm_blobs blobs = { 0 };
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	cleanup_with(state_closep) struct state *state = NULL;
	struct state_origin origin = { .created = (uint64_t)time(NULL) };
	struct state_options options;
	enum tpm_version version = TPM_VERSION_2;
	int r;

	r = setup_key_take(&config->state.key, &key, err);
	if (r == 0)
		r = read_swtpm(&config->swtpm, &version, &blobs, err);
	if (r < 0)
		return r;
	if (getrandom(origin.id, sizeof(origin.id), 0) != sizeof(origin.id))
		return error_set(err, EIO, "random numbers");
	options = setup_options(&config->state, key, version);
	options.origin = &origin;
	r = state_open(&options, &state, err);
	return r < 0 ? r : store_all(state, &blobs, err);
}

const struct setup_command setup_import_swtpm = {
	.name = "import-swtpm",
	.about = "Makes a state of swtpm's, which is left as it is.",
	.specs = specs,
	.size = sizeof(struct config),
	.run = import,
};
