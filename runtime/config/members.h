/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads members of a JSON object by name, ignoring ASCII case as the decoders of container engines
 * do, and fills a struct by a table.
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

/* *RET gets a whole number; false: VALUE is none, or is a real of more than 53 bits. */
bool member_number(json_t *value, int64_t *ret);

/* *RET gets the member, borrowed, or NULL; -EINVAL: it is there twice, or OBJECT is no object. */
int member_find(json_t *object, const char *name, json_t **ret, struct error *err);

/*
 * Reads all of OBJECT into FIELDS by SPECS, which ends with a NULL name. A member that is null
 * counts as absent and leaves its field alone; an unknown member is an error.
 */
int members_read(json_t *object, const struct member_spec *specs, void *fields, struct error *err);

/* The longest text about a container: its config.json, or its state, which repeats parts of it. */
#define CONTAINER_TEXT_MAX (10 << 20)

/*
 * Parses TEXT as one object without duplicate members. If an integer exceeds 63 bits, all integers
 * become reals. The caller owns *RET.
 */
int object_parse(const char *text, size_t len, json_t **ret, struct error *err);

/* json_decrefp() is jansson's. */
#define cleanup_json cleanup_with(json_decrefp)

#endif
