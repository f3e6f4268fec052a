/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The hook as config.json and CDI have it: one form for everybody who enters it.
 */
#ifndef VTPM_RUNTIME_CONFIG_OWN_HOOK_H
#define VTPM_RUNTIME_CONFIG_OWN_HOOK_H

#include <jansson.h>

/*
 * PROGRAM as hook of STAGE, with ARGS, an array of strings, before that name. It has an environment
 * of its own, as some engines give hooks what an image has set. NULL: no memory.
 */
json_t *own_hook(const char *program, json_t *args, const char *stage);

#endif
