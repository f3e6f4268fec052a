/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a call of the hook works with.
 */
#ifndef VTPM_RUNTIME_HOOK_H
#define VTPM_RUNTIME_HOOK_H

#include "runtime/host/runtime_root.h"
#include "runtime/server/launch.h"

struct hook {
	struct server_programs programs;
	const char *config; /* the administrator's file */
	struct runtime_root root;
};

#endif
