/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/setup/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "tpm/state/dir.h"
#include "tpm/swtpm/format.h"
#include "tpm/swtpm/key.h"
#include "util/error.h"
#include "util/file.h"
#include "util/secret_source.h"
#include "util/wiped.h"

#define SWTPM_FILE_MAX (16U << 20)

struct config {
	struct setup_state state;
	const char *dir;
	const char *key;
	const char *password;
	const char *kdf;
	const char *cipher;
};

#define KEY_OPTIONS                                                                             \
	{ "swtpm-key",   0,                                                                     \
	  "SPEC",        "the key of swtpm's files",                                            \
	  option_string, offsetof(struct config, key) },                                        \
		{ "swtpm-password", 0,                                                          \
		  "SPEC",           "the password of swtpm's files",                            \
		  option_string,    offsetof(struct config, password) },                        \
	{                                                                                       \
		"kdf", 0, "NAME", "of the password: pbkdf2 (default) or sha512", option_string, \
			offsetof(struct config, kdf)                                            \
	}

static const struct option_spec import_specs[] = {
	SETUP_STATE_OPTIONS(struct config, state),
	{ "from", 'i', "DIR", "swtpm's directory", option_string, offsetof(struct config, dir) },
	KEY_OPTIONS,
	{ 0 },
};

static const struct option_spec export_specs[] = {
	SETUP_STATE_OPTIONS(struct config, state),
	{ "to", 'o', "DIR", "swtpm's directory", option_string, offsetof(struct config, dir) },
	KEY_OPTIONS,
	{ "cipher", 0, "NAME", "aes-128-cbc (default) or aes-256-cbc", option_string,
	  offsetof(struct config, cipher) },
	{ 0 },
};

static int parse_kdf(const char *name, enum swtpm_kdf *ret, struct error *err)
{
	*ret = SWTPM_PBKDF2;
	if (name == NULL || strcmp(name, "pbkdf2") == 0)
		return 0;
	*ret = SWTPM_SHA512;
	if (strcmp(name, "sha512") == 0)
		return 0;
	return error_say(err, EINVAL, "--kdf: '%s' is neither pbkdf2 nor sha512", name);
}

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

/* NULL when none is named. */
static int take_key(const struct config *config, size_t size, struct secret **ret,
		    struct error *err)
{
	const char *spec = config->key != NULL ? config->key : config->password;
	cleanup_with(secret_freep) struct secret *bytes = NULL;
	enum swtpm_kdf kdf;
	int r;

	*ret = NULL;
	if (config->key != NULL && config->password != NULL)
		return error_say(err, EINVAL, "--swtpm-key and --swtpm-password are both given");
	if (config->dir == NULL)
		return error_say(err, EINVAL, "swtpm's directory is missing");
	r = parse_kdf(config->kdf, &kdf, err);
	if (r < 0 || spec == NULL)
		return r;
	r = secret_source_read(spec, PASSWORD_MAX + 1, &bytes, err);
	if (r < 0)
		return r;
	return config->key != NULL ? swtpm_key_from_bytes(bytes, size, ret, err)
				   : swtpm_key_from_password(bytes, size, kdf, ret, err);
}

/* The key is read once for all files: a descriptor gives it only once. */
static int open_file(const struct config *config, const uint8_t *bytes, size_t len,
		     struct secret **key, bool *has_key, uint8_t **data, size_t *data_len,
		     struct error *err)
{
	struct swtpm_file file;
	int r;

	r = swtpm_parse(bytes, len, &file, err);
	if (r == 0 && !*has_key)
		r = take_key(config, file.key_size, key, err);
	if (r < 0)
		return r;
	*has_key = true;
	return swtpm_open(&file, *key, data, data_len, err);
}

static bool exists(const struct state_dir *dir, const char *name)
{
	struct stat st;

	return fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static int find_version(const struct state_dir *dir, enum tpm_version *ret, struct error *err)
{
	bool is_2 = exists(dir, swtpm_file_name(TPM_VERSION_2, BLOB_PERMANENT));
	bool is_1_2 = exists(dir, swtpm_file_name(TPM_VERSION_1_2, BLOB_PERMANENT));

	if (is_2 && is_1_2)
		return error_say(err, ENOTUNIQ, "%s holds a TPM 2.0 and a TPM 1.2", dir->path);
	if (!is_2 && !is_1_2)
		return error_say(err, ENOENT, "%s holds no state of swtpm", dir->path);
	*ret = is_2 ? TPM_VERSION_2 : TPM_VERSION_1_2;
	return 0;
}

/* What a suspend kept is not carried over: the TPM is switched on anew. */
static int read_all(const struct config *config, const struct state_dir *dir,
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
		r = open_file(config, (const uint8_t *)bytes, len, &key, &has_key,
			      &blobs->of[wanted[i]].data, &blobs->of[wanted[i]].len, err);
		explicit_bzero(bytes, len);
		if (r < 0)
			return error_prefix(err, r, "%s/%s", dir->path, name);
	}
	return 0;
}

/* Under swtpm's lock, which is given back: it may be the very directory that the state goes to. */
static int read_swtpm(const struct config *config, enum tpm_version *version,
		      struct tpm_blobs *blobs, struct error *err)
{
	struct state_dir dir = { .uid = (uid_t)-1 };
	struct tpm_storage storage = tpm_blobs_storage(blobs);
	int r;

	if (config->dir == NULL)
		return error_say(err, EINVAL, "--from is missing");
	r = state_dir_open(&dir, config->dir, false, err);
	if (r < 0)
		return r;
	r = find_version(&dir, version, err);
	if (r == 0)
		r = read_all(config, &dir, *version, blobs, err);
	state_dir_done(&dir);
	return r < 0 ? r : tpm_validate(*version, &storage, err);
}

static int store_all(struct state *state, const struct tpm_blobs *blobs, struct error *err)
{
	const struct tpm_storage storage = state_storage(state);
	int r = tpm_blobs_store(blobs, &storage);

	return r < 0 ? error_say(err, -r, "%s", state_last_error(state)) : 0;
}

static int import(const struct config *config, struct error *err)
{
	cleanup_with(tpm_blobs_done) struct tpm_blobs blobs = { 0 };
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	cleanup_with(state_closep) struct state *state = NULL;
	struct state_origin origin = { .created = (uint64_t)time(NULL) };
	struct state_options options;
	enum tpm_version version = TPM_VERSION_2;
	int r;

	r = setup_key_take(&config->state.key, &key, err);
	if (r == 0)
		r = read_swtpm(config, &version, &blobs, err);
	if (r < 0)
		return r;
	if (getrandom(origin.id, sizeof(origin.id), 0) != sizeof(origin.id))
		return error_set(err, EIO, "random numbers");
	options = setup_options(&config->state, key, version);
	options.origin = &origin;
	r = state_open(&options, &state, err);
	return r < 0 ? r : store_all(state, &blobs, err);
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
	const char *permanent = swtpm_file_name(version, BLOB_PERMANENT);
	int r = 0;

	if (exists(dir, permanent))
		return error_say(err, EEXIST, "%s has %s already", dir->path, permanent);
	for (int i = BLOBS - 1; i >= 0 && r == 0; i--) {
		if (blobs->of[i].data != NULL)
			r = write_one(dir, swtpm_file_name(version, (enum tpm_blob)i),
				      blobs->of[i].data, blobs->of[i].len, key, err);
	}
	return r;
}

static int write_swtpm(const struct config *config, enum tpm_version version,
		       const struct tpm_blobs *blobs, const struct secret *key, struct error *err)
{
	const struct setup_state target = { .dir = config->dir };
	struct state_options owner = setup_options(&target, NULL, 0);
	struct state_dir dir = { .uid = owner.uid, .gid = owner.gid };
	int r;

	r = state_dir_open(&dir, config->dir, true, err);
	if (r < 0)
		return r;
	r = write_all_blobs(&dir, version, blobs, key, err);
	if (r == 0)
		dir.made = false;
	state_dir_done(&dir);
	return r;
}

static int export(const struct config *config, struct error *err)
{
	cleanup_with(tpm_blobs_done) struct tpm_blobs blobs = { 0 };
	cleanup_with(secret_freep) struct secret *key = NULL;
	cleanup_with(state_closep) struct state *state = NULL;
	struct state_info info;
	size_t key_size;
	int r;

	r = parse_cipher(config->cipher, &key_size, err);
	if (r == 0)
		r = take_key(config, key_size, &key, err);
	if (r == 0)
		r = setup_open(&config->state, &state, err);
	if (r == 0)
		r = setup_load(state, &blobs, err);
	if (r < 0)
		return r;
	state_get_info(state, &info);
	state_close(take_ptr(state)); /* both may be one directory */
	return write_swtpm(config, info.version, &blobs, key, err);
}

int setup_import_swtpm(int argc, char **argv, struct error *err)
{
	struct config config = { 0 };
	int r = setup_parse(import_specs, argc, argv, &config, &config.state,
			    "Makes a state of swtpm's, which is left as it is.", err);

	return r != 0 ? r : import(&config, err);
}

int setup_export_swtpm(int argc, char **argv, struct error *err)
{
	struct config config = { 0 };
	int r = setup_parse(export_specs, argc, argv, &config, &config.state,
			    "Makes a state for swtpm, encrypted when a key is given.", err);

	return r != 0 ? r : export(&config, err);
}
