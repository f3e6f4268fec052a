/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/confine.h"

#include <errno.h>
#include <unistd.h>

#include "cuse/sandbox/landlock.h"
#include "cuse/sandbox/lists.h"
#include "cuse/sandbox/namespaces.h"
#include "cuse/server/power.h"
#include "cuse/user/privileges.h"
#include "cuse/server/vtpm.h"
#include "util/error.h"
#include "util/log.h"

int confine_check(const struct settings *settings, struct error *err)
{
	int r = 0;

	if (settings->seccomp_text != NULL && settings->seccomp != SECCOMP_OFF)
		r = seccomp_check(err);
	return r < 0 ? error_prefix(err, r, "--seccomp") : 0;
}

static int filter_system_calls(const struct settings *settings, struct error *err)
{
	struct error why = { "" };

	if (settings->seccomp != SECCOMP_OFF && seccomp_check(&why) < 0) {
		log_warn("%s: all system calls are left to us: %s", settings->name, why.text);
		return 0;
	}
	return seccomp_enter(&seccomp_server, settings->seccomp, err);
}

static int allow_dirs(const struct vtpm *vtpm, struct error *err)
{
	const int group = follow_group(vtpm->follow);
	struct landlock_dir dirs[3 + LEFTOVERS_MAX] = {
		{ state_dir(vtpm->state), LANDLOCK_USE_KEEP },
		{ control_place_dir(vtpm->place), LANDLOCK_USE_REMOVE },
	};
	int fds[LEFTOVERS_MAX];
	int leftovers = leftovers_dirs(vtpm->leftovers, fds);
	size_t count = 2;

	if (group >= 0)
		dirs[count++] = (struct landlock_dir){ group, LANDLOCK_USE_READ };
	for (int i = 0; i < leftovers; i++)
		dirs[count++] = (struct landlock_dir){ fds[i], LANDLOCK_USE_REMOVE };
	return landlock_enter(dirs, count, err);
}

/* Limits the files as far as this kernel can. */
static void limit_files(const struct vtpm *vtpm)
{
	const char *name = vtpm->settings->name;
	struct error err = { "" };

	log_debug("%s: version %d of Landlock", name, landlock_version());
	if (allow_dirs(vtpm, &err) < 0)
		log_warn("%s: files are in reach as far as our user goes: %s", name, err.text);
}

/* Systemd may have done that for us, and a user namespace may not let us. */
static int enter_namespaces(const struct settings *settings, struct error *err)
{
	char lacking[NAMESPACES_TEXT_SIZE];
	int made;
	int r = namespaces_enter(settings->namespaces, &made, err);

	if (r < 0 || made == settings->namespaces)
		return r;
	namespaces_text(settings->namespaces & ~made, lacking);
	if (settings->namespaces_text != NULL)
		return error_say(err, EPERM, "--namespaces: we cannot make our own: %s", lacking);
	log_debug("%s: namespaces that are not our own: %s", settings->name, lacking);
	return 0;
}

/* A thread has its maker's privileges: they are given up before there is another one. */
int confine(struct vtpm *vtpm, struct error *err)
{
	int r = state_settle(vtpm->state, vtpm->settings->name);

	if (r < 0)
		return error_set(err, -r, "start serving");
	r = power_give_state(vtpm, err);
	if (r == 0)
		r = control_place_give(vtpm->place, &vtpm->own.user, err);
	if (r == 0)
		r = enter_namespaces(vtpm->settings, err);
	if (r == 0)
		r = state_settle(vtpm->state, vtpm->settings->name);
	if (r == 0)
		r = privileges_drop(&vtpm->own.user, err);
	if (r == 0)
		limit_files(vtpm);
	if (r == 0)
		r = threads_start(vtpm->threads, err);
	return r == 0 ? filter_system_calls(vtpm->settings, err) : r;
}
