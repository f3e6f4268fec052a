/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks the files by which engines find the hook: whether they exist, and lead to it. */
#ifndef VTPM_RUNTIME_HOOK_WAYS_IN_H
#define VTPM_RUNTIME_HOOK_WAYS_IN_H

#include "util/error.h"

enum way_state {
	WAY_GOOD,
	WAY_MISSING, /* not a fault: not everybody has every engine */
	WAY_BROKEN,
};

struct way_in {
	const char *path;
	enum way_state state;
	const char *text; /* "", or what is wrong or missing */
	struct error why; /* where the text may be */
};

/* "good", "missing" or "broken". */
const char *way_state_name(enum way_state state);

typedef int way_visitor(const struct way_in *way, void *context);

/* What the files must lead to. */
struct ways_to {
	const char *classes; /* the directory */
	const char *conf;    /* the administrator's configuration */
};

/* Shows each way in to VISITOR, which stops it by a negative errno. */
int ways_in_visit(const struct ways_to *to, way_visitor *visitor, void *context);

/*
 * Checks WAY, a file of vtpm-runtime, and the runtime NAME behind it: one that the configuration
 * CONF names must exist, and must not be vtpm-runtime.
 */
void way_in_front_of(const char *name, const char *conf, struct way_in *way);

#endif
