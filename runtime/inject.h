/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Adds the hooks to a bundle's config.json, for runtimes that are called by hand.
 */
#ifndef VTPM_RUNTIME_INJECT_H
#define VTPM_RUNTIME_INJECT_H

#include <jansson.h>

struct error;

/*
 * Adds PROGRAM, with ARGS (an array of strings) and the stage's name behind them, as createRuntime
 * and poststop hook; everything else in CONFIG stays as it is. A hook of PROGRAM that is there is
 * replaced.
 */
int inject_into(json_t *config, const char *program, json_t *args, struct error *err);

/* The same for BUNDLE/config.json, whose mode and owner stay. */
int inject_hooks(const char *bundle, const char *program, json_t *args, struct error *err);

#endif
