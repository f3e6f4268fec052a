/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-setup backup: writes a state to one file.
 */
#include "certs/setup/backup.h"

#include <errno.h>

#include "tpm/state/backup.h"
#include "util/error.h"
#include "util/wiped.h"

struct config {
	struct setup_state state;
	struct backup_file file;
};

static const struct option_spec specs[] = {
	SETUP_STATE_OPTIONS(struct config, state),
	OPTION_STRING("out", 'o', "FILE", "the file to make", struct config, file.path),
	BACKUP_KEY_OPTIONS(struct config, file),
	{ 0 },
};

int backup_file_key(const struct backup_file *file, struct state_key **ret, struct error *err)
{
	if (file->path == NULL)
		return error_say(err, EINVAL, "the backup's FILE is missing");
	if (!setup_key_is_named(&file->key))
		return error_say(err, EINVAL,
				 "--backup-key, --backup-password or --backup-plain is missing");
	return setup_key_take(&file->key, ret, err);
}

static int back_up(const struct config *config, struct error *err)
{
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	cleanup_with(state_closep) struct state *state = NULL;
	cleanup_wiped struct wiped image = { 0 };
	int r;

	r = backup_file_key(&config->file, &key, err);
	if (r == 0)
		r = setup_open_to_read(&config->state, &state, err);
	if (r == 0)
		r = state_backup_make(state, key, &image, err);
	return r < 0 ? r : setup_write_file(config->file.path, image.data, image.len, err);
}

int setup_backup(int argc, char **argv, struct error *err)
{
	struct config config = { 0 };
	int r = setup_parse(specs, argc, argv, &config, &config.state,
			    "Writes a state to one file, under a key of its own.", err);

	return r != 0 ? r : back_up(&config, err);
}
