/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/host/moved.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cuse/control/client.h"
#include "util/error.h"
#include "util/path.h"

struct search {
	const char *state;
	struct error *err;
	bool found;
};

/* Compares paths whose directory may be gone: the last parts as text, their parents as files. */
static bool is_same(const char *path, const char *other)
{
	char dirs[2][PATH_MAX], real[2][PATH_MAX];
	const char *names[2];

	return split_path(path, dirs[0], &names[0]) == 0 &&
	       split_path(other, dirs[1], &names[1]) == 0 && strcmp(names[0], names[1]) == 0 &&
	       realpath(dirs[0], real[0]) != NULL && realpath(dirs[1], real[1]) != NULL &&
	       strcmp(real[0], real[1]) == 0;
}

/* Skips a server that does not answer: it has not said that it serves this state. */
static int compare(const char *name, void *context)
{
	struct search *search = context;
	json_auto_t *status = NULL;
	const char *state;

	if (control_status(name, &status) < 0)
		return 0;
	state = json_string_value(json_object_get(status, "state"));
	if (state == NULL || state[0] != '/' || !is_same(state, search->state))
		return 0;
	search->found = true;
	return error_say(search->err, EBUSY,
			 "the TPM of %s is served, from where somebody has moved it to, by process "
			 "%d: vtpm-ctl stop %s ends it",
			 search->state, (int)json_integer_value(json_object_get(status, "pid")),
			 name);
}

int moved_check(const char *state, struct error *err)
{
	struct search search = { .state = state, .err = err };
	int r = control_each(compare, &search);

	return r < 0 && !search.found ? error_set(err, -r, "look into %s", CONTROL_DIR) : r;
}
