/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * JSON in the one form that is hashed, as vtpm-eventlog(5) has it.
 */
#ifndef VTPM_RUNTIME_CONFIG_CANONICAL_H
#define VTPM_RUNTIME_CONFIG_CANONICAL_H

#include <jansson.h>

struct error;

/* The caller frees *RET. -EINVAL: it has a number with a fraction. Pure. */
int canonical_json(json_t *json, char **ret, struct error *err);

#endif
