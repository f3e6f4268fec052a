/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/recovery.h"

#include <errno.h>

#include "certs/factory/firmware.h"
#include "cuse/server/vtpm.h"
#include "util/error.h"
#include "util/log.h"

static void note_failure(struct vtpm *vtpm)
{
	if (vtpm->device == NULL) { /* the start will fail, and say why */
		atomic_store(&vtpm->degraded, true);
		return;
	}
	if (atomic_exchange(&vtpm->degraded, true))
		return;
	log_err("%s: cannot save the state, commands fail until it can be: %s",
		vtpm->settings->name, state_last_error(vtpm->state));
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

struct tpm_storage recovery_storage(struct vtpm *vtpm)
{
	return (struct tpm_storage){
		.load = load,
		.store = store,
		.remove = forget,
		.context = vtpm,
	};
}

bool recovery_is_wanted(struct vtpm *vtpm)
{
	return atomic_load(&vtpm->degraded);
}

int recovery_power_on(struct vtpm *vtpm, struct error *err)
{
	struct tpm_executor executor = tpm_executor_local(vtpm->tpm);
	int r = tpm_startup(vtpm->tpm, err);

	if (r == 0 && !vtpm->settings->keep_platform)
		r = firmware_give_up_platform(&executor, tpm_get_version(vtpm->tpm), err);
	return r;
}

static int reset(struct vtpm *vtpm, struct error *err)
{
	int r = state_store_again(vtpm->state, err);

	if (r == 0)
		r = tpm_restart(vtpm->tpm, err);
	if (r == 0)
		r = recovery_power_on(vtpm, err);
	if (r < 0)
		return r;
	gate_reset(vtpm->gate);
	atomic_store(&vtpm->degraded, false);
	log_warn("%s: the state can be saved again; the TPM was reset to what was saved last",
		 vtpm->settings->name);
	return 0;
}

int recovery_try(struct vtpm *vtpm, struct error *err)
{
	int r;

	if (!recovery_is_wanted(vtpm))
		return 0;
	r = turns_take(vtpm->turns);
	if (r < 0)
		return error_say(err, -r, "a command is running");
	r = reset(vtpm, err);
	turns_give_back(vtpm->turns);
	return r;
}
