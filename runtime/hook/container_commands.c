/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-hook createRuntime, prestart and poststop: what runtimes call. */
#include <unistd.h>

#include "runtime/config/oci_state.h"
#include "runtime/give/create.h"
#include "runtime/hook/commands.h"
#include "runtime/hook/settings.h"
#include "runtime/host/host_root.h"
#include "runtime/life/hook.h"
#include "runtime/life/teardown.h"
#include "util/error.h"

typedef int hook_function(const struct hook *hook, const struct oci_state *state,
			  struct error *err);

static int with_state(const struct hook_settings *settings, hook_function *function,
		      struct error *err)
{
	struct oci_state state;
	struct hook hook = { 0 };
	int r;

	r = oci_state_read(STDIN_FILENO, &state, err);
	if (r < 0)
		return r;
	r = hook_settings_apply(settings, &hook, err);
	if (r == 0)
		r = function(&hook, &state, err);
	oci_state_done(&state);
	return r;
}

int command_create(const struct hook_settings *settings, struct error *err)
{
	int r = host_root_check(err);

	return r < 0 ? r : with_state(settings, container_create, err);
}

int command_poststop(const struct hook_settings *settings, struct error *err)
{
	return with_state(settings, container_remove, err);
}
