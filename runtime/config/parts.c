/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/parts.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

const char *part_string_end(const char *string)
{
	for (string++; *string != '"'; string++)
		string += *string == '\\';
	return string + 1;
}

const char *part_end(const char *value)
{
	for (int depth = 0;;) {
		if (*value == '"') {
			value = part_string_end(value);
			continue;
		}
		if (depth == 0 && strchr(",]}", *value) != NULL)
			return value;
		if (*value == '{' || *value == '[')
			depth++;
		if (*value == '}' || *value == ']')
			depth--;
		value++;
	}
}

const char *part_member(const char *object, const char *name, const char **end)
{
	const char *p = object + 1, *key, *value;
	size_t len = strlen(name);

	for (p += strspn(p, JSON_BLANKS ","); *p != '}'; p += strspn(p, JSON_BLANKS ",")) {
		key = p;
		p = part_string_end(p);
		value = p + strcspn(p, ":") + 1;
		value += strspn(value, JSON_BLANKS);
		if (strncasecmp(key + 1, name, len) == 0 && key[1 + len] == '"')
			return value;
		p = part_end(value);
	}
	if (end != NULL)
		*end = p;
	return NULL;
}

const char *part_first(const char *array)
{
	array++;
	array += strspn(array, JSON_BLANKS);
	return *array == ']' ? NULL : array;
}

const char *part_next(const char *element)
{
	element = part_end(element);
	element += strspn(element, JSON_BLANKS ",");
	return *element == ']' ? NULL : element;
}
