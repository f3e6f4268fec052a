/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The files by which engines find the hook: whether they are there, and lead to it.
 */
#ifndef VTPM_RUNTIME_HOOK_WAYS_IN_H
#define VTPM_RUNTIME_HOOK_WAYS_IN_H

enum way_state {
	WAY_GOOD,
	WAY_MISSING, /* not a fault: not everybody has every engine */
	WAY_BROKEN,
};

struct way_in {
	const char *path;
	enum way_state state;
	const char *text; /* "", or what is wrong or missing */
};

/* "good", "missing" or "broken". */
const char *way_state_name(enum way_state state);

typedef int way_visitor(const struct way_in *way, void *context);

/* Shows each way in to VISITOR, which stops it by a negative errno. CLASSES is their directory. */
int ways_in_visit(const char *classes, way_visitor *visitor, void *context);

#endif
