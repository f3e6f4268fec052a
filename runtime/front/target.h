/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The real runtime: its path is the configuration's or one of a fixed list. PATH and HOME have no
 * say, as some engines call us without them, and whoever can set them could choose what runs.
 */
#ifndef VTPM_RUNTIME_FRONT_TARGET_H
#define VTPM_RUNTIME_FRONT_TARGET_H

#include <limits.h>

#include "runtime/front/arguments.h"

struct error;

/*
 * RET gets the path of the runtime of KIND: CONFIGURED, or without that the first of the list that
 * is there. -ENOENT when there is none; -ELOOP when it is SELF, the file of this program.
 */
int target_find(enum runtime_kind kind, const char *configured, const char *self,
		char ret[static PATH_MAX], struct error *err);

#endif
