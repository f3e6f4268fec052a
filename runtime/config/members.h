/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Members of a JSON object by name, without regard to ASCII case, as the decoders of container
 * engines read them, and into the fields of a struct by a table.
 */
#ifndef VTPM_RUNTIME_CONFIG_MEMBERS_H
#define VTPM_RUNTIME_CONFIG_MEMBERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/cleanup.h"

struct error;
struct member_spec;

/* Stores VALUE in FIELD; -EINVAL and a sentence that begins with the member's name. */
typedef int member_store(const struct member_spec *spec, json_t *value, void *field,
			 struct error *err);

struct member_spec {
	const char *name;
	member_store *store;
	size_t offset;
	int64_t least, most; /* of a member_int; MOST also bounds a string's length */
};

member_store member_string; /* const char *, borrowed from the value, at most MOST bytes (0: any) */
member_store member_bool;   /* bool */
member_store member_int;    /* int64_t from least to most */

/* *RET gets a number that is whole, and no real of more than 53 bits; false: it is none. */
bool member_number(json_t *value, int64_t *ret);

/* *RET gets the member, borrowed, or NULL; -EINVAL when it is there twice or OBJECT is no object.
 */
int member_find(json_t *object, const char *name, json_t **ret, struct error *err);

/*
 * Reads all of OBJECT into FIELDS by SPECS, which ends with a NULL name. A member that is null
 * counts as absent and leaves its field alone; an unknown one is a mistake.
 */
int members_read(json_t *object, const struct member_spec *specs, void *fields, struct error *err);

/* How long a text about a container may be: its config.json, and its state, which repeats parts. */
#define CONTAINER_TEXT_MAX (10 << 20)

/*
 * Reads TEXT as one object that has no member twice. When it has integers of more than 63 bits all
 * of its integers become reals. The caller owns *RET.
 */
int object_parse(const char *text, size_t len, json_t **ret, struct error *err);

/* json_decrefp() is jansson's. */
#define cleanup_json cleanup_with(json_decrefp)

#endif
