/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-hook prune: removes what other ways of cleaning up have left. */
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

static int last_failure(int before, int r)
{
	return r < 0 ? r : before;
}

/* Takes all steps even if one fails. */
static int remove_leftovers(const struct server_programs *programs, struct error *err)
{
	size_t count = 0;
	int r = containers_prune(programs, &count, err);

	r = last_failure(r, states_prune(programs, &count, err));
	r = last_failure(r, kept_states_prune(programs, time(NULL), &count, err));
	r = last_failure(r, cdi_files_prune(CDI_RUN_DIR, "/sys/class/cuse", err));
	if (count > 0)
		log_info("removed what %zu containers left", count);
	return r;
}

int command_prune(const struct hook_settings *settings, struct error *err)
{
	struct hook hook = { 0 };
	int r = hook_settings_apply(settings, &hook, err);

	if (r < 0)
		return r;
	r = remove_leftovers(&hook.programs, err);
	servers_limit(settings->run_dir, NULL);
	server_dirs_prune(settings->run_dir);
	servers_log_dead(settings->run_dir);
	return r;
}
