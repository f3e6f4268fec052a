/* SPDX-License-Identifier: BSD-3-Clause */
/* The canonical form of JSON that is hashed; vtpm-eventlog(5) defines it. */
#ifndef VTPM_RUNTIME_CONFIG_CANONICAL_H
#define VTPM_RUNTIME_CONFIG_CANONICAL_H

#include <jansson.h>

struct error;

/* The caller frees *RET. -EINVAL: a number has a fraction. Pure. */
int canonical_json(json_t *json, char **ret, struct error *err);

#endif
