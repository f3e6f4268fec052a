/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The real runtime: its path is the configuration's or one of a fixed list. PATH and HOME have no
 * say, as some engines call us without them, and whoever can set them could choose what runs.
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
