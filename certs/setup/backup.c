/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/setup/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "tpm/state/backup.h"
#include "util/error.h"
#include "util/file.h"
#include "util/wiped.h"

/* Three state files of the largest size. */
#define BACKUP_MAX (3 * (size_t)state_slot_offset(STATE_SLOT_MAX, STATE_SLOTS))

struct config {
	struct setup_state state;
	struct setup_key backup;
	const char *file;
	bool new_identity;
};

static const struct option_spec backup_specs[] = {
	SETUP_STATE_OPTIONS(struct config, state),
	{ "out", 'o', "FILE", "the file to make", option_string, offsetof(struct config, file) },
	{ "backup-key", 0, "SPEC", "the file's key", option_string,
	  offsetof(struct config, backup.key) },
	{ "backup-password", 0, "SPEC", "the file's password", option_string,
	  offsetof(struct config, backup.password) },
	{ "backup-plain", 0, NULL, "do not encrypt the file", option_flag,
	  offsetof(struct config, backup.plain) },
	{ 0 },
};

static const struct option_spec restore_specs[] = {
	SETUP_STATE_OPTIONS(struct config, state),
	{ "in", 'i', "FILE", "the file to read", option_string, offsetof(struct config, file) },
	{ "backup-key", 0, "SPEC", "the file's key", option_string,
	  offsetof(struct config, backup.key) },
	{ "backup-password", 0, "SPEC", "the file's password", option_string,
	  offsetof(struct config, backup.password) },
	{ "backup-plain", 0, NULL, "the file is not encrypted", option_flag,
	  offsetof(struct config, backup.plain) },
	{ "new-identity", 0, NULL, "also where another TPM was", option_flag,
	  offsetof(struct config, new_identity) },
	{ 0 },
};

static int take_backup_key(const struct config *config, struct state_key **ret, struct error *err)
{
	if (config->file == NULL)
		return error_say(err, EINVAL, "the backup's FILE is missing");
	if (!setup_key_is_named(&config->backup))
		return error_say(err, EINVAL,
				 "--backup-key, --backup-password or --backup-plain is missing");
	return setup_key_take(&config->backup, ret, err);
}

static int back_up(const struct config *config, struct error *err)
{
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	cleanup_with(state_closep) struct state *state = NULL;
	cleanup_wiped struct wiped image = { 0 };
	int r;

	r = take_backup_key(config, &key, err);
	if (r == 0)
		r = setup_open(&config->state, &state, err);
	if (r == 0)
		r = state_backup_make(state, key, &image, err);
	return r < 0 ? r : setup_write_file(config->file, image.data, image.len, err);
}

static int read_backup(const struct config *config, struct state_backup *backup, struct error *err)
{
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	cleanup_free char *bytes = NULL;
	size_t len;
	int r;

	r = take_backup_key(config, &key, err);
	if (r < 0)
		return r;
	r = read_path(config->file, BACKUP_MAX, &bytes, &len);
	if (r < 0)
		return error_set(err, -r, "read %s", config->file);
	r = state_backup_read((const uint8_t *)bytes, len, key, backup, err);
	return r < 0 ? error_prefix(err, r, "%s", config->file) : 0;
}

static int restore(const struct config *config, struct error *err)
{
	cleanup_with(state_backup_done) struct state_backup backup = { 0 };
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	struct state_options options;
	int r;

	r = read_backup(config, &backup, err);
	if (r == 0)
		r = setup_key_take(&config->state.key, &key, err);
	if (r < 0)
		return r;
	options = setup_options(&config->state, key, 0);
	options.new_identity = config->new_identity;
	return state_restore(&options, &backup, err);
}

int setup_backup(int argc, char **argv, struct error *err)
{
	struct config config = { 0 };
	int r = setup_parse(backup_specs, argc, argv, &config, &config.state,
			    "Writes a state to one file, under a key of its own.", err);

	return r != 0 ? r : back_up(&config, err);
}

int setup_restore(int argc, char **argv, struct error *err)
{
	struct config config = { 0 };
	int r = setup_parse(restore_specs, argc, argv, &config, &config.state,
			    "Makes a state of a backup.", err);

	return r != 0 ? r : restore(&config, err);
}
