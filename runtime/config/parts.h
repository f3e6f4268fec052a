/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finds the parts of a JSON text, for changes that leave the rest as it is written. A parser must
 * have accepted the text; each function takes a pointer to the first byte of a value.
 */
#ifndef VTPM_RUNTIME_CONFIG_PARTS_H
#define VTPM_RUNTIME_CONFIG_PARTS_H

#define JSON_BLANKS " \t\r\n"

/* The byte after a string's closing quote. */
const char *part_string_end(const char *string);

/* The byte that ends a value: the next comma, or the closing bracket of its container. */
const char *part_end(const char *value);

/*
 * The value of OBJECT's member NAME, ignoring case; NULL when there is none, and then *END is the
 * object's closing brace.
 */
const char *part_member(const char *object, const char *name, const char **end);

/* The elements of an array, one by one; NULL: no more. */
const char *part_first(const char *array);
const char *part_next(const char *element);

#endif
