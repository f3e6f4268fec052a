/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/requests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "cuse/server/metrics.h"
#include "cuse/server/recovery.h"
#include "cuse/server/saved_log.h"
#include "cuse/server/trace.h"
#include "cuse/server/vtpm.h"
#include "tpm/state/file_bytes.h"
#include "util/bytes.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/log.h"
#include "util/printable.h"
#include "util/wiped.h"

static json_t *time_json(time_t seconds)
{
	char text[UTC_TEXT_SIZE];

	if (seconds == 0)
		return json_null();
	utc_text(seconds, text);
	return json_string(text);
}

/* Escapes a path for JSON: JSON is UTF-8, paths may hold any bytes. */
static json_t *path_json(const char *path)
{
	cleanup_free char *shown = text_is_utf8(path) ? NULL : text_printable(path);

	return json_string(shown != NULL ? shown : path);
}

static json_t *device_json(const struct node *node)
{
	return json_sprintf("%u:%u", major(node->dev), minor(node->dev));
}

static json_t *hex_json(const uint8_t *bytes, size_t len)
{
	cleanup_free char *text = malloc(2 * len + 1);

	if (text == NULL)
		return NULL;
	hex_encode(bytes, len, text);
	return json_string(text);
}

static json_t *text_json(const char *text)
{
	return text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *degraded_json(struct vtpm *vtpm, const struct state_info *info)
{
	if (!recovery_is_wanted(vtpm))
		return json_null();
	return path_json(info->degraded.text);
}

/* Takes over CHILD, as jansson's functions that end in _new do. */
static int merge(json_t *object, json_t *child)
{
	int r = json_object_update(object, child);

	json_decref(child);
	return r == 0 ? 0 : -ENOMEM;
}

static int status(void *context, const json_t *request, json_t *answer, struct error *err)
{
	struct vtpm *vtpm = context;
	struct device_stats stats;
	struct state_info info;
	bool busy, frozen;
	int r;

	(void)request;
	device_get_stats(vtpm->device, &stats);
	turns_look(vtpm->turns, &busy, &frozen);
	state_get_info(vtpm->state, &info);
	r = merge(answer, json_pack("{s:s, s:s, s:i, s:o, s:s, s:o}", "name", vtpm->settings->name,
				    "version", PACKAGE_VERSION, "pid", (int)getpid(), "device",
				    device_json(vtpm->nodes[0]), "tpm_version",
				    tpm_version_name(tpm_get_version(vtpm->tpm)), "started",
				    time_json(vtpm->started)));
	if (r == 0 && vtpm->nodes[1] != NULL)
		r = merge(answer, json_pack("{s:s, s:o}", "resource_manager", vtpm->nodes[1]->name,
					    "rm_device", device_json(vtpm->nodes[1])));
	if (r == 0)
		r = merge(answer,
			  json_pack("{s:o, s:o, s:s, s:I, s:I, s:o, s:o, s:o}", "state",
				    path_json(info.dir), "identity",
				    hex_json(info.id, sizeof(info.id)), "encryption",
				    info.encryption, "generation", (json_int_t)info.generation,
				    "stores", (json_int_t)info.stores, "last_store",
				    time_json(info.stores > 0 ? info.stored : 0), "warning",
				    text_json(info.warning.text), "degraded",
				    degraded_json(vtpm, &info)));
	if (r == 0)
		r = merge(answer, json_pack("{s:I, s:I, s:I, s:i, s:b, s:b}", "commands",
					    (json_int_t)stats.meter.commands, "errors",
					    (json_int_t)stats.meter.errors, "failures",
					    (json_int_t)stats.meter.failures, "opens",
					    (int)stats.opens, "busy", busy, "frozen", frozen));
	return r < 0 ? error_set(err, -r, "status") : 0;
}

/* Has RUN called with the TPM; RUN ends the errand. */
static int run_errand(struct vtpm *vtpm, struct errand *errand, void (*run)(void *context),
		      struct control_asker *asker, struct error *err)
{
	if (atomic_exchange(&errand->is_asked, true))
		return error_say(err, EBUSY, "somebody else has asked for it");
	errand->asker = asker;
	errand->turn = (struct turn){ .run = run, .context = vtpm };
	(void)turns_ask(vtpm->turns, &errand->turn);
	return 0;
}

/* Answers the asker; with R < 0, by the sentence of ERR. */
static void end_errand(struct errand *errand, int r, json_t *answer, const struct error *err)
{
	struct control_asker *asker = errand->asker;

	atomic_store(&errand->is_asked, false);
	control_answer(asker, r < 0 ? NULL : answer, err);
}

static void run_recover(void *context)
{
	struct vtpm *vtpm = context;
	json_auto_t *answer = json_object();
	struct error err = { "" };
	int r = recovery_try(vtpm, &err);

	end_errand(&vtpm->recover, r, answer, &err);
}

static int recover(void *context, const json_t *request, struct control_asker *asker,
		   struct error *err)
{
	struct vtpm *vtpm = context;

	(void)request;
	return run_errand(vtpm, &vtpm->recover, run_recover, asker, err);
}

/* Seals the volatile state. The calling thread must have the TPM. */
static int save_volatile(struct vtpm *vtpm, json_t *answer, struct error *err)
{
	cleanup_wiped struct wiped image = { 0 };
	cleanup_wiped struct wiped data = { 0 };
	int r;

	r = gate_evict_all(vtpm->gate);
	if (r < 0)
		return error_set(err, -r, "empty the TPM's slots");
	r = tpm_save_volatile(vtpm->tpm, &data.data, &data.len, err);
	if (r < 0)
		return r;
	r = state_save_volatile(vtpm->state, data.data, data.len, &image, err);
	if (r < 0)
		return r;
	if (saved_log_append(&image, vtpm->log.bytes, vtpm->log.len) < 0)
		return error_set(err, ENOMEM, "save");
	return json_object_set_new(answer, "file", hex_json(image.data, image.len)) < 0
		       ? error_set(err, ENOMEM, "save")
		       : 0;
}

static void save_for_asker(struct vtpm *vtpm, bool then_stop)
{
	json_auto_t *answer = json_object();
	struct error err = { "" };
	int r = answer != NULL ? save_volatile(vtpm, answer, &err)
			       : error_set(&err, ENOMEM, "save");

	if (r == 0 && then_stop) {
		atomic_store(&vtpm->saved, true);
		turns_freeze(vtpm->turns, FREEZE_ADMIN);
		log_info("%s: stopping, its volatile state was saved", vtpm->settings->name);
		threads_stop(vtpm->threads);
	}
	end_errand(&vtpm->save, r, answer, &err);
}

static void run_save(void *context)
{
	save_for_asker(context, false);
}

static void run_save_and_stop(void *context)
{
	save_for_asker(context, true);
}

/* With "stop", the server ends and stores nothing more, so that the saved file stays valid. */
static int save(void *context, const json_t *request, struct control_asker *asker,
		struct error *err)
{
	struct vtpm *vtpm = context;
	bool then_stop = json_is_true(json_object_get(request, "stop"));

	if (recovery_is_wanted(vtpm))
		return error_say(err, EIO, "the state cannot be saved: see the status");
	return run_errand(vtpm, &vtpm->save, then_stop ? run_save_and_stop : run_save, asker, err);
}

static int stop(void *context, const json_t *request, json_t *answer, struct error *err)
{
	const struct vtpm *vtpm = context;

	(void)request, (void)answer, (void)err;
	log_info("%s: stopping as the control socket asks", vtpm->settings->name);
	threads_stop(vtpm->threads);
	return 0;
}

/* The command in flight goes on; "busy" in the status shows when it is done. */
static int freeze(void *context, const json_t *request, json_t *answer, struct error *err)
{
	const struct vtpm *vtpm = context;

	(void)request, (void)answer, (void)err;
	turns_freeze(vtpm->turns, FREEZE_ADMIN);
	return 0;
}

static int thaw(void *context, const json_t *request, json_t *answer, struct error *err)
{
	const struct vtpm *vtpm = context;

	(void)request, (void)answer, (void)err;
	turns_thaw(vtpm->turns, FREEZE_ADMIN);
	return 0;
}

/* With "turn", cancels only if that turn still runs. The answer has the turn's number. */
static int cancel(void *context, const json_t *request, json_t *answer, struct error *err)
{
	const struct vtpm *vtpm = context;
	uint64_t turn = (uint64_t)json_integer_value(json_object_get(request, "turn"));
	int r = turns_cancel(vtpm->turns, &turn);

	if (r == -ESRCH)
		return error_say(err, ESRCH, "no command is running");
	if (r < 0)
		return error_say(err, -r, "a TPM %s cannot cancel",
				 tpm_version_name(tpm_get_version(vtpm->tpm)));
	return json_object_set_new(answer, "turn", json_integer((json_int_t)turn)) < 0
		       ? error_set(err, ENOMEM, "cancel")
		       : 0;
}

const struct control_command requests_of_control[] = {
	{ .name = "cancel", .run = cancel },
	{ .name = "freeze", .run = freeze },
	{ .name = "metrics", .run = metrics_tell },
	{ .name = "recover", .begin = recover },
	{ .name = "save", .begin = save },
	{ .name = "status", .run = status },
	{ .name = "stop", .run = stop },
	{ .name = "thaw", .run = thaw },
	{ .name = "trace", .root_only = true, .begin = trace_begin },
	{ .name = NULL },
};
