/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-setup backup: writes a state to one file.
 */
#include "certs/setup/backup.h"

#include <errno.h>

#include "tpm/state/backup.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/file.h"
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

/* It must not be there; it is on disk when this returns. */
static int write_image(const char *path, const struct wiped *image, struct error *err)
{
	cleanup_close int dir_fd = -1;
	const char *name;
	int r = open_parent(path, &dir_fd, &name);

	if (r == 0)
		r = create_file(dir_fd, name, image->data, image->len, 0600);
	return r < 0 ? error_set(err, -r, "make %s", path) : 0;
}

static int back_up(const void *context, struct error *err)
{
	const struct config *config = context;
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	cleanup_with(state_closep) struct state *state = NULL;
	cleanup_wiped struct wiped image = { 0 };
	int r;

	r = backup_file_key(&config->file, &key, err);
	if (r == 0)
		r = setup_open(&config->state, true, &state, err);
	if (r == 0)
		r = state_backup_make(state, key, &image, err);
	return r < 0 ? r : write_image(config->file.path, &image, err);
}

const struct setup_command setup_backup = {
	.name = "backup",
	.about = "Writes a state to one file, under a key of its own.",
	.specs = specs,
	.size = sizeof(struct config),
	.run = back_up,
};
