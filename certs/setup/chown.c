/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-setup chown: gives a state directory to another user. */
#include "certs/setup/setup.h"

#include <errno.h>

#include "tpm/state/dir.h"
#include "tpm/state/hand_over.h"
#include "util/error.h"
#include "util/uid_range.h"
#include "util/user.h"

struct config {
	struct setup_state state;
};

static const struct option_spec specs[] = {
	OPTION_FLAG("help", 'h', "print this and exit", struct config, state.help),
	{ 0 },
};

static int give(const char *path, const struct user *user, struct error *err)
{
	struct state_dir dir = { .uid = user->uid, .gid = user->gid, .take_from = &uid_range_all };
	uid_t before;
	int r = state_dir_open(&dir, path, false, err);

	if (r < 0)
		return r;
	r = state_hand_over(&dir, &before, err);
	state_dir_done(&dir);
	return r;
}

static int change_owner(const void *context, struct error *err)
{
	const struct config *config = context;
	struct user user;
	int r = user_parse_owner(config->state.operands[1], &user, err);

	return r < 0 ? r : give(config->state.operands[0], &user, err);
}

const struct setup_command setup_chown = {
	.name = "chown",
	.about = "Gives a state directory, and the TPM's files in it, to a user.",
	.specs = specs,
	.size = sizeof(struct config),
	.run = change_owner,
	.operands = "DIR USER[:GROUP]",
	.missing = "DIR and USER are needed",
	.operand_count = 2,
};
