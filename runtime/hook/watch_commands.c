/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-hook watch and allow: the watcher of device rules, and what it runs. */
#include <errno.h>
#include <limits.h>

#include "runtime/hook/commands.h"
#include "runtime/hook/settings.h"
#include "runtime/life/watch.h"
#include "util/error.h"

int command_watch(const struct hook_settings *settings, struct error *err)
{
	if (settings->lock_fd == 0 || settings->lock_fd > INT_MAX || settings->init_fd > INT_MAX)
		return error_say(err, EINVAL, "watch is started by other commands alone");
	return watch_run(settings->run_dir, (int)settings->lock_fd,
			 settings->init_fd != 0 ? (int)settings->init_fd : -1,
			 (pid_t)settings->runtime_pid, err);
}

int command_allow(const struct hook_settings *settings, struct error *err)
{
	return watch_restore(settings->run_dir, err);
}
