/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One member of a JSON text is written anew, and the rest stays as it is written: numbers that no
 * program can keep, unknown members, their order, blanks.
 */
#ifndef VTPM_RUNTIME_CONFIG_REWRITE_H
#define VTPM_RUNTIME_CONFIG_REWRITE_H

#include <jansson.h>

struct error;

/* The names of members, one in the other, NULL at the end. */
typedef const char *const *member_path;

/*
 * Reads the member at PATH of the object TEXT, exactly: -EINVAL when it has numbers that are no
 * integers, or when it cannot be found again in the text. *RET is NULL when it is absent or null;
 * the caller owns it. Pure.
 */
int rewrite_read(const char *text, member_path path, json_t **ret, struct error *err);

/*
 * *RET gets TEXT with VALUE at PATH. Objects on the way that are missing are made. TEXT is one that
 * rewrite_read() has taken with this path. The caller frees *RET. Pure.
 */
int rewrite_member(const char *text, member_path path, json_t *value, char **ret,
		   struct error *err);

#endif
