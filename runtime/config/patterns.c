/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/patterns.h"

#include <errno.h>
#include <fnmatch.h>

#include "util/error.h"

#define PATTERNS_MOST 64
#define PATTERN_LEN 255

int member_patterns(const struct member_spec *spec, json_t *value, void *field, struct error *err)
{
	json_t *pattern;
	size_t i;

	/* An empty list is refused: it would match nobody, but could be read as "everybody". */
	if (!json_is_array(value) || json_array_size(value) == 0 ||
	    json_array_size(value) > PATTERNS_MOST)
		return error_say(err, EINVAL, "%s is not an array of 1 to %d patterns", spec->name,
				 PATTERNS_MOST);
	json_array_foreach(value, i, pattern)
	{
		if (!json_is_string(pattern) || json_string_length(pattern) == 0 ||
		    json_string_length(pattern) > PATTERN_LEN)
			return error_say(err, EINVAL,
					 "%s[%zu] is not a pattern of 1 to %d characters",
					 spec->name, i, PATTERN_LEN);
	}
	*(json_t **)field = value;
	return 0;
}

bool patterns_match(json_t *patterns, const char *text)
{
	json_t *pattern;
	size_t i;

	json_array_foreach(patterns, i, pattern)
	{
		if (fnmatch(json_string_value(pattern), text, FNM_PATHNAME) == 0)
			return true;
	}
	return false;
}
