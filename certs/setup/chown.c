/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-setup chown: gives a state directory to another user, whoever has had it.
 */
#include "certs/setup/setup.h"

#include <errno.h>

#include "tpm/state/dir.h"
#include "tpm/state/hand_over.h"
#include "util/error.h"
#include "util/uid_range.h"
#include "util/user.h"

struct config {
	bool help;
};

static const struct option_spec specs[] = {
	OPTION_FLAG("help", 'h', "print this and exit", struct config, help),
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

int setup_chown(int argc, char **argv, struct error *err)
{
	struct config config = { 0 };
	struct user user;
	int first, r;

	r = options_parse(specs, argc, argv, &config, &first, err);
	if (r < 0)
		return r;
	if (config.help) {
		(void)puts("Usage: vtpm-setup chown DIR USER[:GROUP]\n"
			   "Gives a state directory, and the TPM's files in it, to a user.\n");
		options_help(specs, stdout);
		return 1;
	}
	if (argc - first != 2)
		return error_say(err, EINVAL, "DIR and USER are needed; see --help");
	r = user_parse_owner(argv[first + 1], &user, err);
	return r < 0 ? r : give(argv[first], &user, err);
}
