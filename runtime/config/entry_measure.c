/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/entry_measure.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "runtime/config/members.h"
#include "util/error.h"

bool entry_measure_any(const struct entry_measure *measure)
{
	return measure->config || measure->image || measure->rootfs ||
	       json_array_size(measure->files) > 0;
}

static int take_word(struct entry_measure *measure, const char *word)
{
	const struct {
		const char *word;
		bool *wanted;
	} words[] = {
		{ "config", &measure->config },
		{ "image", &measure->image },
		{ "rootfs", &measure->rootfs },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].word, word) != 0)
			continue;
		*words[i].wanted = true;
		return 0;
	}
	return -EINVAL;
}

int member_measure(const struct member_spec *spec, json_t *value, void *field, struct error *err)
{
	json_t *word;
	size_t i;

	if (!json_is_array(value))
		return error_say(err, EINVAL, "%s is not an array", spec->name);
	json_array_foreach(value, i, word)
	{
		if (!json_is_string(word) || take_word(field, json_string_value(word)) < 0)
			return error_say(err, EINVAL,
					 "%s has other words than \"config\", \"image\" and "
					 "\"rootfs\"",
					 spec->name);
	}
	return 0;
}

/* Reads an array of strings that IS_GOOD accepts; BAD describes one that it refuses. */
static int take_strings(const struct member_spec *spec, json_t *value, json_t **field,
			bool (*is_good)(const char *text), const char *bad, struct error *err)
{
	json_t *one;
	size_t i;

	if (!json_is_array(value))
		return error_say(err, EINVAL, "%s is not an array", spec->name);
	json_array_foreach(value, i, one)
	{
		if (!json_is_string(one) || !is_good(json_string_value(one)))
			return error_say(err, EINVAL, "%s has %s", spec->name, bad);
	}
	*field = value;
	return 0;
}

static bool is_path(const char *text)
{
	return text[0] == '/' && strlen(text) < PATH_MAX;
}

int member_files(const struct member_spec *spec, json_t *value, void *field, struct error *err)
{
	if (json_array_size(value) > MEASURED_FILES_MOST)
		return error_say(err, EINVAL, "%s has more than %d paths", spec->name,
				 MEASURED_FILES_MOST);
	return take_strings(spec, value, field, is_path, "what is no absolute path", err);
}

static bool is_variable(const char *text)
{
	return text[0] != '\0' && strchr(text, '=') == NULL;
}

int member_variables(const struct member_spec *spec, json_t *value, void *field, struct error *err)
{
	return take_strings(spec, value, field, is_variable, "what is no variable's name", err);
}
