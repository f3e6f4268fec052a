/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lists of patterns, as a shell has them for names of files, in configurations.
 */
#ifndef VTPM_RUNTIME_CONFIG_PATTERNS_H
#define VTPM_RUNTIME_CONFIG_PATTERNS_H

#include <jansson.h>
#include <stdbool.h>

#include "runtime/config/members.h"

/* json_t *, borrowed: an array of at least one pattern */
member_store member_patterns;

/* Whether one of them is all of TEXT; '*' and '?' are no '/'. Without PATTERNS none is. */
bool patterns_match(json_t *patterns, const char *text);

#endif
