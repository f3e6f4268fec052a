/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-hook prune: what nobody else has removed. */
#include <time.h>

#include "runtime/hook/commands.h"
#include "runtime/hook/settings.h"
#include "runtime/life/cdi_prune.h"
#include "runtime/life/hook.h"
#include "runtime/life/keep.h"
#include "runtime/life/restart.h"
#include "runtime/life/teardown.h"
#include "runtime/server/limit.h"
#include "util/cdi_host.h"
#include "util/error.h"
#include "util/log.h"
#include "util/server_dir.h"

int command_prune(const struct hook_settings *settings, struct error *err)
{
	struct hook hook = { 0 };
	size_t count = 0;
	int r;

	r = hook_settings_apply(settings, &hook, err);
	if (r == 0)
		r = containers_prune(&hook.programs, &count, err);
	if (r == 0)
		count += states_prune(&hook.programs) +
			 kept_states_prune(&hook.programs, time(NULL));
	(void)cdi_files_prune(CDI_RUN_DIR, "/sys/class/cuse");
	servers_limit(settings->run_dir, NULL);
	server_dirs_prune(settings->run_dir);
	servers_log_dead(settings->run_dir);
	if (count > 0)
		log_info("removed what %zu containers left", count);
	return r;
}
