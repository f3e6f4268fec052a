/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/recovery.h"

#include <errno.h>
#include <string.h>

#include "cuse/server/vtpm.h"
#include "util/error.h"
#include "util/log.h"

static void note_failure(struct vtpm *vtpm)
{
	if (vtpm->device == NULL) { /* the start fails and reports the reason */
		atomic_store(&vtpm->degraded, true);
		return;
	}
	if (atomic_exchange(&vtpm->degraded, true))
		return;
	log_err("%s: cannot save the state, commands fail until %s: %s", vtpm->settings->name,
		vtpm->settings->stay_failed ? "the next start" : "it is saved",
		state_last_error(vtpm->state));
	vtpm_start_ticks(vtpm);
}

static int load(void *context, enum tpm_blob blob, uint8_t **data, size_t *len)
{
	struct tpm_storage state = state_storage(((struct vtpm *)context)->state);

	return state.load(state.context, blob, data, len);
}

static int store(void *context, enum tpm_blob blob, const uint8_t *data, size_t len)
{
	struct vtpm *vtpm = context;
	struct tpm_storage state = state_storage(vtpm->state);
	int r = state.store(state.context, blob, data, len);

	if (r < 0)
		note_failure(vtpm);
	return r;
}

static int forget(void *context, enum tpm_blob blob)
{
	struct vtpm *vtpm = context;
	struct tpm_storage state = state_storage(vtpm->state);
	int r = state.remove(state.context, blob);

	if (r < 0)
		note_failure(vtpm);
	return r;
}

static int make_room(void *context)
{
	struct tpm_storage state = state_storage(((struct vtpm *)context)->state);

	return state.make_room(state.context);
}

struct tpm_storage recovery_storage(struct vtpm *vtpm)
{
	return (struct tpm_storage){
		.load = load,
		.store = store,
		.remove = forget,
		.make_room = make_room,
		.context = vtpm,
	};
}

bool recovery_is_wanted(struct vtpm *vtpm)
{
	return atomic_load(&vtpm->degraded);
}

/* Stores the changes of failed commands. PCRs, sessions and objects stay. */
static int store_again(struct vtpm *vtpm, struct error *err)
{
	int r = tpm_store_again(vtpm->tpm, err);

	if (r < 0)
		return error_say(err, -r, "%s", state_last_error(vtpm->state));
	if (atomic_exchange(&vtpm->degraded, false))
		log_warn("%s: the state can be saved again; the TPM goes on", vtpm->settings->name);
	return 0;
}

int recovery_try(struct vtpm *vtpm, struct error *err)
{
	if (!recovery_is_wanted(vtpm))
		return 0;
	if (vtpm->settings->stay_failed)
		return error_say(err, EIO,
				 "its state could not be stored: it has failed until its "
				 "next start");
	return store_again(vtpm, err);
}

/* Logs TEXT only when it differs from the last report. */
static void tell(struct vtpm *vtpm, const char *text)
{
	if (strcmp(text, vtpm->told.text) == 0)
		return;
	(void)error_say(&vtpm->told, 0, "%s", text);
	if (text[0] != '\0')
		log_warn("%s: %s", vtpm->settings->name, text);
}

void recovery_check(struct vtpm *vtpm)
{
	struct error err = { "" };
	struct state_info info;

	if (recovery_is_wanted(vtpm))
		return;
	if (state_check(vtpm->state, &err) < 0) {
		tell(vtpm, err.text);
		(void)store_again(vtpm, NULL);
		return;
	}
	state_get_info(vtpm->state, &info);
	tell(vtpm, info.warning.text);
}
