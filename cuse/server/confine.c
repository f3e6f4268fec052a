/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/confine.h"

#include <errno.h>

#include "cuse/sandbox/seccomp.h"
#include "cuse/server/privileges.h"
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
	if (settings->seccomp != SECCOMP_OFF && seccomp_check(err) < 0) {
		log_warn("%s: all system calls are left to us: %s", settings->name, err->text);
		return 0;
	}
	return seccomp_enter(&seccomp_server, settings->seccomp, err);
}

/* A thread has its maker's privileges: they are given up before there is another one. */
int confine(struct vtpm *vtpm, struct error *err)
{
	int r = privileges_drop(&vtpm->settings->user, err);

	if (r == 0)
		r = threads_start(vtpm->threads, err);
	return r == 0 ? filter_system_calls(vtpm->settings, err) : r;
}
