/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the commands of vtpm-hook print, as JSON, or in tables made of the same JSON.
 */
#ifndef VTPM_RUNTIME_HOOK_OUTPUT_H
#define VTPM_RUNTIME_HOOK_OUTPUT_H

#include <jansson.h>

/* Prints it to standard output; -EIO. */
int output_print(json_t *json);

/* The text of a member, borrowed; NULL: it has none. */
const char *output_text(json_t *one, const char *name);

#endif
