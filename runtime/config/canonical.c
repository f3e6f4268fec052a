/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/canonical.h"

#include <errno.h>

#include "runtime/config/members.h"
#include "util/error.h"

static int canonical_copy(json_t *json, json_t **ret, struct error *err);

static int copy_object(json_t *json, json_t *to, struct error *err)
{
	const char *key;
	json_t *value;

	json_object_foreach(json, key, value)
	{
		json_t *copy;
		int r = canonical_copy(value, &copy, err);

		if (r == 0 && json_object_set_new(to, key, copy) < 0)
			r = error_set(err, ENOMEM, "measure the configuration");
		if (r < 0)
			return r;
	}
	return 0;
}

static int copy_array(json_t *json, json_t *to, struct error *err)
{
	json_t *value;
	size_t i;

	json_array_foreach(json, i, value)
	{
		json_t *copy;
		int r = canonical_copy(value, &copy, err);

		if (r == 0 && json_array_append_new(to, copy) < 0)
			r = error_set(err, ENOMEM, "measure the configuration");
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * If one integer exceeds 63 bits, the parser makes all of them reals; this turns the others back.
 */
static int copy_real(json_t *json, json_t **ret, struct error *err)
{
	const double real = json_real_value(json);
	int64_t number;

	if (member_number(json, &number))
		*ret = json_integer(number);
	else if (real > 0x1p53 || real < -0x1p53)
		*ret = json_real(real);
	else
		return error_say(err, EINVAL, "the configuration has a number with a fraction");
	return 0;
}

static int canonical_copy(json_t *json, json_t **ret, struct error *err)
{
	cleanup_json json_t *copy = NULL;
	int r = 0;

	if (json_is_object(json)) {
		copy = json_object();
		r = copy_object(json, copy, err);
	} else if (json_is_array(json)) {
		copy = json_array();
		r = copy_array(json, copy, err);
	} else if (json_is_real(json)) {
		r = copy_real(json, &copy, err);
	} else {
		copy = json_incref(json);
	}
	if (r == 0)
		*ret = take_ptr(copy);
	return r;
}

int canonical_json(json_t *json, char **ret, struct error *err)
{
	cleanup_json json_t *copy = NULL;
	int r = canonical_copy(json, &copy, err);

	if (r < 0)
		return r;
	*ret = json_dumps(copy, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
	return *ret != NULL ? 0 : error_set(err, ENOMEM, "measure the configuration");
}
