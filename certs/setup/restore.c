/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-setup restore: makes a state from a backup. */
#include <errno.h>
#include <string.h>

#include "certs/setup/backup.h"
#include "tpm/state/backup.h"
#include "util/error.h"
#include "util/file.h"

/* Three state files of the largest size. */
#define BACKUP_MAX (3 * (size_t)state_slot_offset(STATE_SLOT_MAX, STATE_SLOTS))

struct config {
	struct setup_state state;
	struct backup_file file;
	bool new_identity;
};

static const struct option_spec specs[] = {
	SETUP_STATE_OPTIONS(struct config, state),
	OPTION_STRING("in", 'i', "FILE", "the file to read", struct config, file.path),
	BACKUP_KEY_OPTIONS(struct config, file),
	OPTION_FLAG("new-identity", 0, "also where another TPM was", struct config, new_identity),
	{ 0 },
};

static int read_backup(const struct config *config, struct state_backup *backup, struct error *err)
{
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	cleanup_free char *bytes = NULL;
	size_t len;
	int r;

	r = backup_file_key(&config->file, &key, err);
	if (r < 0)
		return r;
	r = read_path(config->file.path, BACKUP_MAX, &bytes, &len);
	if (r < 0)
		return error_set(err, -r, "read %s", config->file.path);
	r = state_backup_read((const uint8_t *)bytes, len, key, backup, err);
	return r < 0 ? error_prefix(err, r, "%s", config->file.path) : 0;
}

static int restore(const void *context, struct error *err)
{
	const struct config *config = context;
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

const struct setup_command setup_restore = {
	.name = "restore",
	.about = "Makes a state of a backup.",
	.specs = specs,
	.size = sizeof(struct config),
	.run = restore,
};
