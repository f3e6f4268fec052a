/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A container that runs, as its runtime has noted it in its root directory: state.json of runc,
 * status of crun.
 */
#ifndef VTPM_RUNTIME_HOST_RUNNING_H
#define VTPM_RUNTIME_HOST_RUNNING_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "runtime/host/process.h"

struct error;

struct running {
	struct process init;
	char bundle[PATH_MAX];
	bool forgets_rules; /* the runtime is crun, see runtime_root.h */
};

/* Reads either file. Pure. */
int running_parse(const char *text, size_t len, struct running *ret, struct error *err);

/* The container ID of ROOT. -ENOENT: there is none; -ESRCH: it is not running. */
int running_find(const char *root, const char *id, struct running *ret, struct error *err);

/*
 * ROOT gets the one directory among those that runtimes and engines use that has the container ID.
 * -ENOENT; -EEXIST: several have one.
 */
int running_find_root(const char *id, char root[static PATH_MAX], struct error *err);

#endif
