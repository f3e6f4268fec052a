/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Adds the hooks to a bundle's config.json, for runtimes that are called by hand.
 */
#ifndef VTPM_RUNTIME_CONFIG_INJECT_H
#define VTPM_RUNTIME_CONFIG_INJECT_H

#include <jansson.h>

struct error;

/*
 * Adds PROGRAM as createRuntime and poststop hook to the object TEXT; the hook's arguments are ARGS
 * (an array of strings) and the stage's name. Replaces a hook of PROGRAM that is there. Rewrites
 * only the member "hooks": all other numbers and strings keep their spelling, even if no program
 * can represent them. The caller frees *RET. Pure.
 */
int inject_text(const char *text, const char *program, json_t *args, char **ret, struct error *err);

/* The same for BUNDLE/config.json, or the file that it links to, which keeps its mode and owner. */
int inject_hooks(const char *bundle, const char *program, json_t *args, struct error *err);

#endif
