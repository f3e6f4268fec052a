/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the parts of a JSON text are, for changes that leave the rest as it is written. All of
 * these are for texts that a parser has taken, and take a pointer to the first byte of a value.
 */
#ifndef VTPM_RUNTIME_CONFIG_PARTS_H
#define VTPM_RUNTIME_CONFIG_PARTS_H

#define JSON_BLANKS " \t\r\n"

/* Behind the closing quote of a string. */
const char *part_string_end(const char *string);

/* What follows a value: the next comma, or the end of what it is in. */
const char *part_end(const char *value);

/*
 * The value of OBJECT's member NAME without regard to case, NULL when there is none; *END is the
 * object's closing brace then.
 */
const char *part_member(const char *object, const char *name, const char **end);

/* The elements of an array, one by one; NULL: no more. */
const char *part_first(const char *array);
const char *part_next(const char *element);

#endif
