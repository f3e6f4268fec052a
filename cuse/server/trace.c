/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/trace.h"

#include <errno.h>

#include "cuse/device/tap.h"
#include "cuse/server/vtpm.h"
#include "util/error.h"
#include "util/log.h"

static void started(void *context, int fd)
{
	const struct vtpm *vtpm = context;

	tap_start(vtpm->tap, fd);
}

static void ended(void *context, int fd)
{
	const struct vtpm *vtpm = context;
	uint64_t dropped = tap_remove(vtpm->tap, fd);

	log_info("%s: a trace of its commands has ended, %llu were left out", vtpm->settings->name,
		 (unsigned long long)dropped);
}

static json_t *answer_json(const struct vtpm *vtpm)
{
	json_t *nodes = json_array();

	for (size_t i = 0; i < NODES && vtpm->nodes[i] != NULL; i++)
		(void)json_array_append_new(nodes, json_string(vtpm->nodes[i]->name));
	return json_pack("{s:o}", "nodes", nodes);
}

int trace_begin(void *context, const json_t *request, struct control_asker *asker,
		struct error *err)
{
	struct vtpm *vtpm = context;
	const struct control_stream stream = { started, ended, vtpm };
	bool secrets = json_is_true(json_object_get(request, "secrets"));
	json_auto_t *answer = answer_json(vtpm);
	pid_t pid = 0;
	int fd = control_fd(asker);

	if (answer == NULL)
		return error_set(err, ENOMEM, "trace");
	if (tap_add(vtpm->tap, fd, secrets) < 0)
		return error_say(err, EBUSY, "%d trace it already", TAP_LISTENERS_MAX);
	(void)control_peer_pid(fd, &pid);
	log_warn("%s: process %d traces its commands, %s their secrets", vtpm->settings->name,
		 (int)pid, secrets ? "with" : "without");
	control_stream(asker, answer, &stream);
	return 0;
}
