/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-hook attach and detach: vTPMs for a container that runs. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "runtime/config/oci_state.h"
#include "runtime/give/attach.h"
#include "runtime/hook/commands.h"
#include "runtime/hook/settings.h"
#include "runtime/host/host_root.h"
#include "runtime/host/running.h"
#include "runtime/lease/lease.h"
#include "runtime/life/hook.h"
#include "util/cleanup.h"
#include "util/error.h"

/* Without --root, looks for the container in the directories that runtimes use. */
static int prepare(const struct hook_settings *settings, struct hook *hook, struct error *err)
{
	struct hook_settings found = *settings;
	char root[PATH_MAX];
	int r = host_root_check(err);

	if (r < 0)
		return r;
	if (settings->operand == NULL || settings->classes.count == 0)
		return error_say(err, EINVAL, "--class and a container are needed");
	r = oci_id_check(settings->operand, err);
	if (r == 0 && settings->root == NULL)
		r = running_find_root(settings->operand, root, err);
	if (r < 0)
		return r;
	if (settings->root == NULL)
		found.root = root;
	r = hook_settings_apply(&found, hook, err);
	hook->classes = &settings->classes;
	return r;
}

static void tell(const struct lease *lease)
{
	for (size_t i = 0; i < lease->count; i++) {
		const struct lease_vtpm *vtpm = &lease->vtpms[i];

		(void)printf("%s: %s%s%s, class %s\n", lease->id, vtpm->nodes[0].path,
			     vtpm->node_count > 1 ? " and " : "",
			     vtpm->node_count > 1 ? vtpm->nodes[1].path : "", vtpm->claim.class);
	}
	(void)printf("%s: until it stops; started again, it does not have it\n", lease->id);
}

int command_attach(const struct hook_settings *settings, struct error *err)
{
	cleanup_free struct lease *lease = NULL;
	struct hook hook = { 0 };
	int r = prepare(settings, &hook, err);

	if (r == 0)
		r = container_attach(&hook, settings->operand, &lease, err);
	if (r == 0)
		tell(lease);
	return r;
}

int command_detach(const struct hook_settings *settings, struct error *err)
{
	struct hook hook = { 0 };
	int r = prepare(settings, &hook, err);

	for (size_t i = 0; r == 0 && i < settings->classes.count; i++)
		r = container_detach(&hook, settings->operand, &settings->classes.list[i], err);
	return r;
}
