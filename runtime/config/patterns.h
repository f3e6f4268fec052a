/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of patterns in configurations, in the form of a shell's patterns for file names. */
#ifndef VTPM_RUNTIME_CONFIG_PATTERNS_H
#define VTPM_RUNTIME_CONFIG_PATTERNS_H

#include <jansson.h>
#include <stdbool.h>

#include "runtime/config/members.h"

/* json_t *, borrowed: an array of at least one pattern */
member_store member_patterns;

/* Whether a pattern matches all of TEXT; '*' and '?' do not match '/'. False without PATTERNS. */
bool patterns_match(json_t *patterns, const char *text);

#endif
