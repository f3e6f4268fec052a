/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-setup export-swtpm: converts a state to swtpm's format. */
#include <errno.h>
#include <string.h>

#include "certs/setup/swtpm.h"
#include "tpm/swtpm/format.h"
#include "util/error.h"
#include "util/wiped.h"

struct config {
	struct setup_state state;
	struct swtpm_state swtpm;
	const char *cipher;
};

static const struct option_spec specs[] = {
	SETUP_STATE_OPTIONS(struct config, state),
	OPTION_STRING("to", 'o', "DIR", "swtpm's directory", struct config, swtpm.dir),
	SWTPM_KEY_OPTIONS(struct config, swtpm),
	OPTION_STRING("cipher", 0, "NAME", "aes-128-cbc (default) or aes-256-cbc", struct config,
		      cipher),
	{ 0 },
};

static int parse_cipher(const char *name, size_t *key_size, struct error *err)
{
	*key_size = 16;
	if (name == NULL || strcmp(name, "aes-128-cbc") == 0)
		return 0;
	*key_size = 32;
	if (strcmp(name, "aes-256-cbc") == 0)
		return 0;
	return error_say(err, EINVAL, "--cipher: '%s' is neither aes-128-cbc nor aes-256-cbc",
			 name);
}

static int write_one(const struct state_dir *dir, const char *name, const uint8_t *data, size_t len,
		     const struct secret *key, struct error *err)
{
	cleanup_wiped struct wiped bytes = { 0 };
	int r = swtpm_make(data, len, key, &bytes.data, &bytes.len, err);

	return r < 0 ? r : state_dir_write(dir, name, bytes.data, bytes.len, err);
}

static int write_all_blobs(const struct state_dir *dir, enum tpm_version version,
			   const struct tpm_blobs *blobs, const struct secret *key,
			   struct error *err)
{
	int r = 0;

	if (swtpm_state_exists(dir, version))
		return error_say(err, EEXIST, "%s has %s already", dir->path,
				 swtpm_file_name(version, BLOB_PERMANENT));
	for (int i = BLOBS - 1; i >= 0 && r == 0; i--) {
		if (blobs->of[i].data != NULL)
			r = write_one(dir, swtpm_file_name(version, (enum tpm_blob)i),
				      blobs->of[i].data, blobs->of[i].len, key, err);
	}
	return r;
}

static int write_swtpm(const char *path, enum tpm_version version, const struct tpm_blobs *blobs,
		       const struct secret *key, struct error *err)
{
	const struct setup_state target = { .dir = path };
	struct state_options owner = setup_options(&target, NULL, 0);
	struct state_dir dir = { .uid = owner.uid, .gid = owner.gid };
	int r;

	r = state_dir_open(&dir, path, true, err);
	if (r < 0)
		return r;
	r = write_all_blobs(&dir, version, blobs, key, err);
	if (r == 0)
		dir.made = false;
	state_dir_done(&dir);
	return r;
}

static int export(const void *context, struct error *err)
{
	const struct config *config = context;
	cleanup_with(tpm_blobs_done) struct tpm_blobs blobs = { 0 };
	cleanup_with(secret_freep) struct secret *key = NULL;
	cleanup_with(state_closep) struct state *state = NULL;
	struct state_info info;
	size_t key_size;
	int r;

	r = parse_cipher(config->cipher, &key_size, err);
	if (r == 0 && config->cipher != NULL && config->swtpm.key == NULL &&
	    config->swtpm.password == NULL)
		r = error_say(err, EINVAL, "--cipher is for --swtpm-key or --swtpm-password");
	if (r == 0)
		r = swtpm_state_key(&config->swtpm, key_size, &key, err);
	if (r == 0)
		r = setup_open(&config->state, true, &state, err);
	if (r == 0)
		r = setup_load(state, &blobs, err);
	if (r < 0)
		return r;
	state_get_info(state, &info);
	state_close(take_ptr(state)); /* both may be one directory */
	return write_swtpm(config->swtpm.dir, info.version, &blobs, key, err);
}

const struct setup_command setup_export_swtpm = {
	.name = "export-swtpm",
	.about = "Makes a state for swtpm, encrypted when a key is given.",
	.specs = specs,
	.size = sizeof(struct config),
	.run = export,
};
