/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench-measure: what measuring a launch adds to a start: the hook's part, which reads events from
 * a config.json, and the server's, which extends all active banks of a TPM.
 */
#include <errno.h>
#include <stdio.h>

#include "cuse/server/launch_log.h"
#include "runtime/config/measure.h"
#include "runtime/config/members.h"
#include "tests/bench/timing.h"
#include "tests/unit/memory_storage.h"
#include "util/error.h"
#include "util/file.h"
#include "verify/log/event.h"

#define ROUNDS 500

struct launch {
	json_t *config;
	struct cel_list list;
	struct tpm_executor executor;
};

static int read_events(void *context, struct error *err)
{
	struct launch *launch = context;
	const struct measure_request request = { .config = launch->config, .id = "id" };

	launch->list.len = 0;
	return measure_config(&request, &launch->list, err);
}

static int extend(void *context, struct error *err)
{
	static const struct measured measured = { .kind = MEASURED_LAUNCH };
	struct launch *launch = context;
	const struct launch_facts facts = { .measured = &measured,
					    .list = launch->list.bytes,
					    .list_len = launch->list.len,
					    .library = "libtpms" };
	cleanup_free uint8_t *log = NULL;
	size_t len;

	return launch_log_make(&facts, &launch->executor, &log, &len, err);
}

static int time_one(const char *name, int (*round)(void *context, struct error *err),
		    struct launch *launch, struct error *err)
{
	struct timing timing;
	char more[64];
	int r = timing_measure(ROUNDS, round, launch, &timing, err);

	(void)snprintf(more, sizeof(more), "\"command\":\"%s\"", name);
	if (r == 0)
		timing_print(&timing, more);
	return r;
}

static int run(const char *path, struct launch *launch, struct error *err)
{
	struct memory_storage memory = { 0 };
	struct tpm_storage storage = memory_storage(&memory);
	cleanup_with(tpm_stopp) struct tpm *tpm = NULL;
	cleanup_free char *text = NULL;
	size_t len;
	int r = read_path(path, CONTAINER_TEXT_MAX, &text, &len);

	if (r < 0)
		return error_set(err, -r, "read %s", path);
	r = object_parse(text, len, &launch->config, err);
	if (r == 0)
		r = tpm_start(TPM_VERSION_2, &storage, &tpm, err);
	if (r == 0)
		r = tpm_startup(tpm, err);
	if (r < 0)
		return r;
	launch->executor = tpm_executor_local(tpm);
	r = time_one("read-events", read_events, launch, err);
	return r < 0 ? r : time_one("extend", extend, launch, err);
}

int main(int argc, char **argv)
{
	struct launch launch = { 0 };
	struct error err = { "" };
	int r;

	if (argc != 2) {
		(void)fprintf(stderr, "usage: bench-measure CONFIG.JSON\n");
		return 2;
	}
	timing_pin();
	r = run(argv[1], &launch, &err);
	if (r < 0)
		(void)fprintf(stderr, "bench-measure: %s\n", err.text);
	cel_list_done(&launch.list);
	json_decref(launch.config);
	return r < 0;
}
