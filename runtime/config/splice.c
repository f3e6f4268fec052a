/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/splice.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

const char *json_text_skip_string(const char *string)
{
	for (string++; *string != '"'; string++)
		string += *string == '\\';
	return string + 1;
}

const char *json_text_skip(const char *value)
{
	for (int depth = 0;;) {
		if (*value == '"') {
			value = json_text_skip_string(value);
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

const char *json_text_member(const char *object, const char *name, const char **end)
{
	const char *p = object + 1, *key, *value;
	size_t len = strlen(name);

	for (p += strspn(p, JSON_BLANKS ","); *p != '}'; p += strspn(p, JSON_BLANKS ",")) {
		key = p;
		p = json_text_skip_string(p);
		value = p + strcspn(p, ":") + 1;
		value += strspn(value, JSON_BLANKS);
		if (strncasecmp(key + 1, name, len) == 0 && key[1 + len] == '"')
			return value;
		p = json_text_skip(value);
	}
	if (end != NULL)
		*end = p;
	return NULL;
}

const char *json_text_first(const char *array)
{
	array++;
	array += strspn(array, JSON_BLANKS);
	return *array == ']' ? NULL : array;
}

const char *json_text_next(const char *element)
{
	element = json_text_skip(element);
	element += strspn(element, JSON_BLANKS ",");
	return *element == ']' ? NULL : element;
}
