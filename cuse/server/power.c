/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/power.h"

#include <errno.h>
#include <string.h>

#include "certs/factory/existing.h"
#include "certs/factory/firmware.h"
#include "certs/factory/settings.h"
#include "cuse/server/events.h"
#include "cuse/server/maker.h"
#include "cuse/server/recovery.h"
#include "cuse/server/saved_log.h"
#include "cuse/server/vtpm.h"
#include "tpm/crypto.h"
#include "tpm/protect.h"
#include "tpm/state/backup.h"
#include "tpm/state/memory.h"
#include "util/file.h"
#include "util/log.h"

/* A saved volatile state is some 10 to 100 KiB, and its event log comes along. */
#define RESUME_MOST ((1U << 20) + CEL_LOG_MOST + SAVED_LOG_TAIL)

static void before_wait(void *context)
{
	const struct vtpm *vtpm = context;

	threads_relieve(vtpm->threads);
}

/* Logs that the state differs from the last one stored; the next store repairs that. */
static void log_warning(const struct vtpm *vtpm)
{
	struct state_info info;

	state_get_info(vtpm->state, &info);
	if (info.warning.text[0] != '\0')
		log_warn("%s: %s", vtpm->settings->name, info.warning.text);
}

/* With --resume, fills the state from the saved file, which has the only copy of it. */
static int make_memory(struct vtpm *vtpm, struct error *err)
{
	const struct settings *settings = vtpm->settings;
	const struct user *own = &vtpm->own.user;
	cleanup_free char *bytes = NULL;
	size_t len, used;
	int r;

	r = state_memory_make(own->uid, own->gid, &vtpm->memory_fd, err);
	if (r < 0 || settings->resume == NULL)
		return r;
	r = read_path(settings->resume, RESUME_MOST, &bytes, &len);
	if (r < 0)
		return error_set(err, -r, "read %s", settings->resume);
	r = state_memory_fill(vtpm->memory_fd, own->uid, own->gid, (const uint8_t *)bytes, len,
			      &used, err);
	return r < 0 ? error_prefix(err, r, "%s", settings->resume) : 0;
}

int power_open_state(struct vtpm *vtpm, struct error *err)
{
	const struct settings *settings = vtpm->settings;
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	cleanup_with(maker_endp) struct maker *maker = NULL;
	struct state_options options = {
		.dir = settings->state,
		.version = settings->tpm,
		.sync = settings->flush,
		.store_rate = settings->store_rate << 10,
		.new_identity = settings->new_identity,
		.old_format = settings->resume != NULL, /* which belongs to the same TPM */
		.uid = vtpm->own.user.uid,
		.gid = vtpm->own.user.gid,
		.take_from = geteuid() == 0 ? &settings->users.range : NULL,
		.before_wait = before_wait,
		.context = vtpm,
	};
	int r = 0;

	if (state_memory_is_meant(settings->state))
		r = make_memory(vtpm, err);
	options.memory_fd = vtpm->memory_fd;
	if (r == 0)
		r = maker_start(settings, &options, &maker, err);
	if (r == 0)
		r = settings_key(settings, &key, err);
	/* Until here a signal ends the process at once, since nothing is made yet. */
	if (r == 0)
		r = events_watch(vtpm, err);
	if (r == 0)
		r = maker_run(maker, key, vtpm->signals.fd, err);
	if (r < 0)
		return r;
	options.key = key;
	if (settings->expect_identity != NULL)
		options.expect_id = settings->identity;
	crypto_start(); /* the maker, which makes certificates, is another process */
	r = state_open(&options, &vtpm->state, err);
	if (r == 0)
		log_warning(vtpm);
	return r;
}

int power_give_state(struct vtpm *vtpm, struct error *err)
{
	const struct settings *settings = vtpm->settings;
	const uid_t uid = vtpm->own.user.uid;
	uid_t before;
	int r = state_give(vtpm->state, &before, err);

	/*
	 * The launch has recorded the restore. Later steps fail only for passing reasons, so forget
	 * it now.
	 */
	if (r == 0 && settings->measured.kind == MEASURED_LAUNCH)
		state_forget_restored(vtpm->state);
	if (r == 0 && before == 0 && uid != 0)
		log_info("%s: %s was root's and is user %u's now; vtpm-setup chown gives it back",
			 settings->name, settings->state, (unsigned int)uid);
	return r;
}

/* libtpms only says that it failed; the state knows why. */
static int explain(const struct vtpm *vtpm, int r, struct error *err)
{
	const char *why = state_last_error(vtpm->state);

	return why[0] != '\0' ? error_say(err, -r, "%s", why) : r;
}

static int start(struct vtpm *vtpm, struct error *err)
{
	const struct settings *settings = vtpm->settings;
	struct tpm_storage storage = recovery_storage(vtpm);
	int r = tpm_start(settings->tpm, &storage, &vtpm->tpm, err);

	if (r < 0 || settings->buffer_size == OPTION_U32_NONE)
		return r;
	r = tpm_set_buffer_size(vtpm->tpm, settings->buffer_size, err);
	return r < 0 ? error_prefix(err, r, "--buffer-size") : 0;
}

static int start_up(struct vtpm *vtpm, bool *restart, struct error *err)
{
	const enum tpm_version version = vtpm->settings->tpm;
	struct tpm_executor executor;
	int r = start(vtpm, err);

	if (r == 0)
		r = tpm_startup(vtpm->tpm, err);
	if (r < 0)
		return r;
	executor = tpm_executor_local(vtpm->tpm);
	r = firmware_prepare(&executor, version, restart, err);
	if (r < 0 || *restart)
		return r;
	return vtpm->settings->keep_platform ? firmware_leave_platform(&executor, version, err)
					     : firmware_give_up_platform(&executor, version, err);
}

/* Does what firmware does at power-on, as the device's users have no platform of their own. */
static int power_on(struct vtpm *vtpm, struct error *err)
{
	bool restart;
	int r;

	if (vtpm->settings->no_startup)
		return start(vtpm, err);
	r = start_up(vtpm, &restart, err);
	if (r < 0 || !restart)
		return r;
	tpm_stop(take_ptr(vtpm->tpm));
	r = start_up(vtpm, &restart, err);
	return r == 0 && restart ? error_say(err, EIO, "the TPM does not stay activated") : r;
}

/* Takes over the saved event log, which explains the registers of the resumed TPM. */
static int resume_log(struct vtpm *vtpm, const uint8_t *bytes, size_t size, struct error *err)
{
	const uint8_t *log;
	size_t len;
	int r = saved_log_find(bytes, size, &log, &len, err);

	if (r < 0 || len == 0)
		return r;
	vtpm->log.bytes = malloc(len);
	if (vtpm->log.bytes == NULL)
		return error_set(err, ENOMEM, "resume");
	memcpy(vtpm->log.bytes, log, len);
	vtpm->log.len = len;
	return 0;
}

/* The TPM continues from the saved state: it gets no startup command, and the file is used up. */
static int resume(struct vtpm *vtpm, struct error *err)
{
	cleanup_free char *bytes = NULL;
	size_t len;
	int r;

	r = read_path(vtpm->settings->resume, RESUME_MOST, &bytes, &len);
	if (r < 0)
		return error_set(err, -r, "read %s", vtpm->settings->resume);
	r = resume_log(vtpm, (const uint8_t *)bytes, len, err);
	if (r == 0)
		r = state_resume(vtpm->state, (const uint8_t *)bytes, len, err);
	if (r < 0)
		return error_prefix(err, r, "%s", vtpm->settings->resume);
	r = start(vtpm, err);
	if (r == 0)
		r = tpm_store_again(vtpm->tpm, err);
	return r < 0 ? explain(vtpm, r, err) : 0;
}

/* Warns when certificates are wanted but the existing TPM was made without them. */
static void warn_of_existing(const struct vtpm *vtpm)
{
	const struct settings *settings = vtpm->settings;
	const struct tpm_executor executor = tpm_executor_local(vtpm->tpm);
	struct manufacture_options options;
	const char *lacks = NULL;

	if (settings->factory.certs != NULL && !settings->no_startup &&
	    manufacture_settings_read(&settings->factory, settings->tpm, &options, NULL, NULL) == 0)
		lacks = existing_lacks(&options, &executor);
	if (lacks != NULL)
		log_warn("%s: --create-certs: the TPM that is there was made without %s and is "
			 "left as it is; vtpm-setup manufacture --overwrite makes another one",
			 settings->name, lacks);
}

int power_open_tpm(struct vtpm *vtpm, struct error *err)
{
	int r = tpm_protect_memory();

	if (r < 0)
		log_debug("%s: the TPM's memory may be swapped out: %s", vtpm->settings->name,
			  strerror(-r));
	if (vtpm->settings->resume != NULL)
		return resume(vtpm, err);
	r = power_on(vtpm, err);
	if (r == 0)
		warn_of_existing(vtpm);
	return r < 0 ? explain(vtpm, r, err) : 0;
}
