/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Adds the hooks to a bundle's config.json, for runtimes that are called by hand.
 */
#ifndef VTPM_RUNTIME_CONFIG_INJECT_H
#define VTPM_RUNTIME_CONFIG_INJECT_H

#include <jansson.h>

struct error;

/*
 * Pure: adds PROGRAM, with ARGS (an array of strings) and the stage's name behind them, as
 * createRuntime and poststop hook to the object TEXT. A hook of PROGRAM that is there is replaced.
 * Nothing but the member "hooks" is written anew: numbers and strings stay as they are written,
 * whether or not they can be kept in a program. The caller frees *RET.
 */
int inject_text(const char *text, const char *program, json_t *args, char **ret, struct error *err);

/* The same for BUNDLE/config.json, or what that links to, whose mode and owner stay. */
int inject_hooks(const char *bundle, const char *program, json_t *args, struct error *err);

#endif
