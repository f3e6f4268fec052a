/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rewrites one member of a JSON text and keeps the rest as it is written: numbers that no program
 * can represent, unknown members, their order, blanks.
 */
#ifndef VTPM_RUNTIME_CONFIG_REWRITE_H
#define VTPM_RUNTIME_CONFIG_REWRITE_H

#include <jansson.h>

struct error;

/* The names of nested members, the outermost first, NULL at the end. */
typedef const char *const *member_path;

/*
 * Reads the member at PATH of the object TEXT without loss: -EINVAL when it has numbers that are no
 * integers, or cannot be found again in the text. *RET is NULL when it is absent or null; the
 * caller owns it. Pure.
 */
int rewrite_read(const char *text, member_path path, json_t **ret, struct error *err);

/*
 * *RET gets TEXT with VALUE at PATH; missing objects on the way are made. rewrite_read() must have
 * accepted TEXT with this path. The caller frees *RET. Pure.
 */
int rewrite_member(const char *text, member_path path, json_t *value, char **ret,
		   struct error *err);

#endif
