/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench-state-open: how long it takes to open and unlock a state directory, which is made when it
 * is missing: with a raw key, with a password and its scrypt, or plain.
 */
#include <errno.h>
#include <stdio.h>

#include "tests/bench/timing.h"
#include "tpm/state/state.h"
#include "util/options.h"

struct config {
	const char *state, *key, *password;
	uint32_t rounds;
};

static const struct option_spec specs[] = {
	{ "state", 's', "DIR", "the directory", option_string, offsetof(struct config, state) },
	{ "key", 0, "SPEC", "its key", option_string, offsetof(struct config, key) },
	{ "password", 0, "SPEC", "its password", option_string, offsetof(struct config, password) },
	{ "rounds", 'r', "N", "how often (default 200)", option_u32,
	  offsetof(struct config, rounds) },
	{ 0 },
};

static int take_key(const struct config *config, struct state_key **ret, struct error *err)
{
	if (config->key != NULL)
		return state_key_from_spec(KEY_RAW, config->key, ret, err);
	if (config->password != NULL)
		return state_key_from_spec(KEY_PASSWORD, config->password, ret, err);
	return state_key_plain(ret, err);
}

static int do_round(void *context, struct error *err)
{
	cleanup_with(state_closep) struct state *state = NULL;

	return state_open(context, &state, err);
}

static int make_state(const struct state_options *options, struct error *err)
{
	cleanup_with(state_closep) struct state *state = NULL;
	static const uint8_t blob[4000];
	struct state_info info;
	struct tpm_storage storage;
	int r;

	r = state_open(options, &state, err);
	if (r < 0)
		return r;
	state_get_info(state, &info);
	storage = state_storage(state);
	return info.generation > 0 ? 0 : storage.store(state, BLOB_PERMANENT, blob, sizeof(blob));
}

static int run(const struct config *config, struct error *err)
{
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	struct state_options options = {
		.dir = config->state, .version = TPM_VERSION_2, .uid = (uid_t)-1, .gid = (gid_t)-1
	};
	const char *name = config->password != NULL ? "password"
			   : config->key != NULL    ? "key"
						    : "plain";
	struct timing timing;
	char more[64];
	int r;

	if (config->state == NULL)
		return error_say(err, EINVAL, "--state is missing");
	r = take_key(config, &key, err);
	options.key = key;
	if (r == 0)
		r = make_state(&options, err);
	if (r == 0)
		r = timing_measure(config->rounds, do_round, &options, &timing, err);
	if (r < 0)
		return r;
	(void)snprintf(more, sizeof(more), "\"target\":\"state-open\",\"command\":\"%s\"", name);
	timing_print(&timing, more);
	return 0;
}

int main(int argc, char **argv)
{
	struct config config = { .rounds = 200 };
	struct error err = { "" };
	int operands;

	if (options_parse(specs, argc, argv, &config, &operands, &err) < 0 ||
	    run(&config, &err) < 0) {
		(void)fprintf(stderr, "bench-state-open: %s\n", err.text);
		return 1;
	}
	return 0;
}
