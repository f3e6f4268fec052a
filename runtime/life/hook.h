/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a call of the hook works with.
 */
#ifndef VTPM_RUNTIME_LIFE_HOOK_H
#define VTPM_RUNTIME_LIFE_HOOK_H

#include <stdbool.h>

#include "runtime/host/runtime_root.h"
#include "runtime/server/launch.h"

struct class_requests;

struct hook {
	struct server_programs programs;
	const char *config; /* the administrator's file */
	const char *class_dir;
	const struct class_requests *classes; /* that the container gets */
	bool annotations;                     /* may choose classes as well */
	const char *nonce; /* of what vtpm-runtime has entered; NULL: it has not */
	struct runtime_root root;
};

#endif
