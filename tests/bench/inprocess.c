/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench-inprocess: the same commands by libtpms in this process, without a device: over a state
 * directory, or over memory.
 */
#include <errno.h>
#include <stdio.h>

#include "tests/bench/timing.h"
#include "tests/bench/workload.h"
#include "tests/unit/memory_storage.h"
#include "tpm/state/state.h"
#include "util/error.h"
#include "util/options.h"

struct config {
	const char *target, *state, *key;
	uint32_t rounds;
	bool no_sync;
};

static const struct option_spec specs[] = {
	{ "target", 't', "NAME", "what the result calls this", option_string,
	  offsetof(struct config, target) },
	{ "rounds", 'r', "N", "how often (default 2000)", option_u32,
	  offsetof(struct config, rounds) },
	{ "state", 's', "DIR", "keep the state in DIR (default: in memory)", option_string,
	  offsetof(struct config, state) },
	{ "key", 0, "SPEC", "encrypt the state with this key (default: plain)", option_string,
	  offsetof(struct config, key) },
	{ "no-sync", 0, NULL, "do not flush the state", option_flag,
	  offsetof(struct config, no_sync) },
	{ 0 },
};

struct inprocess {
	struct tpm *tpm;
	struct workload workload;
};

static int do_round(void *context, struct error *err)
{
	struct inprocess *here = context;
	const struct tpm_command *command = workload_next(&here->workload);
	const uint8_t *response;
	size_t len;
	int r = tpm_execute(here->tpm, command->bytes, command->len, &response, &len);

	if (r < 0)
		return error_set(err, -r, "execute");
	return workload_check(&here->workload, response, len, err);
}

static int run(const struct config *config, const char *name, const struct tpm_storage *storage,
	       struct error *err)
{
	cleanup_with(tpm_stopp) struct tpm *tpm = NULL;
	struct inprocess here;
	struct tpm_executor executor;
	struct timing timing;
	char more[128];
	int r;

	r = tpm_start(TPM_VERSION_2, storage, &tpm, err);
	if (r == 0)
		r = tpm_startup(tpm, err);
	if (r < 0)
		return r;
	here.tpm = tpm;
	executor = tpm_executor_local(tpm);
	r = workload_prepare(name, &executor, &here.workload, err);
	if (r == 0)
		r = timing_measure(config->rounds, do_round, &here, &timing, err);
	workload_finish(&here.workload, &executor);
	if (r == 0)
		r = tpm_shutdown(tpm, err);
	if (r < 0)
		return r;
	(void)snprintf(more, sizeof(more), "\"target\":\"%s\",\"command\":\"%s\"", config->target,
		       name);
	timing_print(&timing, more);
	return 0;
}

static int run_on_memory(const struct config *config, const char *name, struct error *err)
{
	struct memory_storage memory = { 0 };
	struct tpm_storage storage = memory_storage(&memory);
	int r = run(config, name, &storage, err);

	memory_storage_done(&memory);
	return r;
}

static int run_on_state(const struct config *config, const char *name, struct error *err)
{
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	cleanup_with(state_closep) struct state *state = NULL;
	struct state_options options = {
		.dir = config->state,
		.version = TPM_VERSION_2,
		.sync = !config->no_sync,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
	};
	struct tpm_storage storage;
	int r;

	r = config->key != NULL ? state_key_from_spec(KEY_RAW, config->key, &key, err)
				: state_key_plain(&key, err);
	options.key = key;
	if (r == 0)
		r = state_open(&options, &state, err);
	if (r < 0)
		return r;
	storage = state_storage(state);
	return run(config, name, &storage, err);
}

int main(int argc, char **argv)
{
	struct config config = { .target = "in-process", .rounds = 2000 };
	struct error err = { "" };
	int first, r;

	r = options_parse(specs, argc, argv, &config, &first, &err);
	if (r == 0 && (argc - first != 1 || config.rounds < 10))
		r = error_say(&err, EINVAL, "usage: bench-inprocess [OPTION...] COMMAND");
	if (r == 0) {
		timing_pin();
		r = config.state != NULL ? run_on_state(&config, argv[first], &err)
					 : run_on_memory(&config, argv[first], &err);
	}
	if (r < 0)
		(void)fprintf(stderr, "bench-inprocess: %s\n", err.text);
	return r < 0;
}
