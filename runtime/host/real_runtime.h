/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finds the real runtime: its path comes from the configuration, or a fixed list. PATH and HOME are
 * ignored: some engines call us without them, and anybody who sets them could choose what runs.
 */
#ifndef VTPM_RUNTIME_HOST_REAL_RUNTIME_H
#define VTPM_RUNTIME_HOST_REAL_RUNTIME_H

#include <limits.h>

struct error;

/*
 * RET gets the path of the runtime of that NAME: CONFIGURED, or without that the first of the list
 * that is there. -ENOENT when there is none; -ELOOP when it is SELF, the file of vtpm-runtime.
 */
int real_runtime_find(const char *name, const char *configured, const char *self,
		      char ret[static PATH_MAX], struct error *err);

#endif
