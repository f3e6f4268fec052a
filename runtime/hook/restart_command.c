/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-hook restart: starts the dead servers of a container again. */
#include <errno.h>

#include "runtime/hook/commands.h"
#include "runtime/hook/settings.h"
#include "runtime/host/host_root.h"
#include "runtime/life/hook.h"
#include "runtime/life/restart.h"
#include "util/error.h"
#include "util/log.h"

int command_restart(const struct hook_settings *settings, struct error *err)
{
	struct hook hook = { 0 };
	size_t count = 0;
	int r;

	if (settings->operand == NULL)
		return error_say(err, EINVAL, "restart needs a container; see vtpm-hook list");
	r = host_root_check(err);
	if (r == 0)
		r = hook_settings_apply(settings, &hook, err);
	if (r == 0)
		r = container_restart(&hook, settings->operand, &count, err);
	log_info("restarted %zu servers of container %s", count, settings->operand);
	return r;
}
