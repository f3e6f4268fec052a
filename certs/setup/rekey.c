/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-setup rekey: puts a state under another key.
 */
#include "certs/setup/setup.h"

#include <errno.h>

#include "tpm/state/rekey.h"
#include "util/error.h"

struct config {
	struct setup_state state;
	struct setup_key fresh;
};

static const struct option_spec specs[] = {
	SETUP_STATE_OPTIONS(struct config, state),
	{ "new-key", 0, "SPEC", "from now on this key", option_string,
	  offsetof(struct config, fresh.key) },
	{ "new-password", 0, "SPEC", "from now on this password", option_string,
	  offsetof(struct config, fresh.password) },
	{ "new-host-key", 0, "[=FILE]", "from now on the host key, in FILE", option_string,
	  offsetof(struct config, fresh.host_key) },
	{ "new-plain", 0, NULL, "from now on not encrypted", option_flag,
	  offsetof(struct config, fresh.plain) },
	{ 0 },
};

static int rekey(const void *context, struct error *err)
{
	const struct config *config = context;
	cleanup_with(state_key_freep) struct state_key *fresh = NULL;
	cleanup_with(state_closep) struct state *state = NULL;
	int r;

	if (!setup_key_is_named(&config->fresh))
		return error_say(err, EINVAL,
				 "--new-key, --new-password, --new-host-key or --new-plain is "
				 "missing");
	r = setup_key_take(&config->fresh, &fresh, err);
	if (r == 0)
		r = setup_open(&config->state, false, &state, err);
	return r < 0 ? r : state_rekey(state, fresh, err);
}

const struct setup_command setup_rekey = {
	.name = "rekey",
	.about = "Puts a state under another key.",
	.specs = specs,
	.size = sizeof(struct config),
	.run = rekey,
};
