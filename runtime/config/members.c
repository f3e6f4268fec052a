/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/members.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "util/error.h"

int member_string(const struct member_spec *spec, json_t *value, void *field, struct error *err)
{
	if (!json_is_string(value))
		return error_say(err, EINVAL, "%s is not a string", spec->name);
	if (spec->most > 0 && json_string_length(value) > (size_t)spec->most)
		return error_say(err, EINVAL, "%s is longer than %" PRId64 " characters",
				 spec->name, spec->most);
	*(const char **)field = json_string_value(value);
	return 0;
}

int member_bool(const struct member_spec *spec, json_t *value, void *field, struct error *err)
{
	if (!json_is_boolean(value))
		return error_say(err, EINVAL, "%s is not true or false", spec->name);
	*(bool *)field = json_is_true(value);
	return 0;
}

/* If a text has an integer of more than 63 bits, its integers arrive as reals. */
bool member_number(json_t *value, int64_t *ret)
{
	double real = json_real_value(value);

	if (json_is_integer(value)) {
		*ret = json_integer_value(value);
		return true;
	}
	if (!json_is_real(value) || real < -0x1p53 || real > 0x1p53 ||
	    real != (double)(int64_t)real)
		return false;
	*ret = (int64_t)real;
	return true;
}

int member_int(const struct member_spec *spec, json_t *value, void *field, struct error *err)
{
	int64_t number;

	if (!member_number(value, &number) || number < spec->least || number > spec->most)
		return error_say(err, EINVAL, "%s is not a number from %" PRId64 " to %" PRId64,
				 spec->name, spec->least, spec->most);
	*(int64_t *)field = number;
	return 0;
}

int member_find(json_t *object, const char *name, json_t **ret, struct error *err)
{
	json_t *found = NULL, *value;
	const char *key;

	if (!json_is_object(object))
		return error_say(err, EINVAL, "not an object");
	json_object_foreach(object, key, value)
	{
		if (strcasecmp(key, name) != 0)
			continue;
		if (found != NULL)
			return error_say(err, EINVAL, "%s is given twice", name);
		found = value;
	}
	*ret = json_is_null(found) ? NULL : found;
	return 0;
}

/* The sentence lists the known members, as far as they fit. */
static int refuse(const struct member_spec *specs, const char *key, struct error *err)
{
	static const char more[] = " ...";
	char known[180] = "";
	size_t used = 0;

	for (; specs->name != NULL; specs++) {
		if (used + 1 + strlen(specs->name) + sizeof(more) > sizeof(known)) {
			(void)strcpy(known + used, more);
			break;
		}
		used += (size_t)sprintf(known + used, " %s", specs->name);
	}
	return error_say(err, EINVAL, "there is no member '%.64s', but%s", key, known);
}

static const struct member_spec *find_spec(const struct member_spec *specs, const char *key)
{
	for (; specs->name != NULL; specs++) {
		if (strcasecmp(specs->name, key) == 0)
			return specs;
	}
	return NULL;
}

int members_read(json_t *object, const struct member_spec *specs, void *fields, struct error *err)
{
	json_t *value, *only;
	const char *key;

	if (!json_is_object(object))
		return error_say(err, EINVAL, "not an object");
	json_object_foreach(object, key, value)
	{
		const struct member_spec *spec = find_spec(specs, key);
		int r;

		if (spec == NULL)
			return refuse(specs, key, err);
		r = member_find(object, spec->name, &only, err);
		if (r < 0)
			return r;
		if (only == NULL)
			continue;
		r = spec->store(spec, only, (char *)fields + spec->offset, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int object_parse(const char *text, size_t len, json_t **ret, struct error *err)
{
	json_error_t why;
	json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);

	/* Runtimes write "unlimited" as 18446744073709551615. */
	if (object == NULL && json_error_code(&why) == json_error_numeric_overflow)
		object = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL,
				    &why);
	if (object == NULL)
		return error_say(err, EINVAL, "line %d: %s", why.line, why.text);
	if (!json_is_object(object)) {
		json_decref(object);
		return error_say(err, EINVAL, "not an object");
	}
	*ret = object;
	return 0;
}
