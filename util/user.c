/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/user.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "util/bytes.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/user_names.h"

/* (uid_t)-1 and (gid_t)-1 mean "leave it" to the system calls. */
static bool parse_id(const char *text, unsigned int *ret)
{
	unsigned long number;

	if (number_parse(text, 10, UINT32_MAX - 1, &number) < 0)
		return false;
	*ret = (unsigned int)number;
	return true;
}

int user_find(const char *text, struct user *ret, struct error *err)
{
	unsigned int id;

	if (parse_id(text, &id)) {
		if (!user_of_uid(id, ret))
			*ret = (struct user){ id, id };
		return 0;
	}
	if (user_of_name(text, ret))
		return 0;
	if (strcmp(text, "root") == 0) { /* in an appliance without users, too */
		*ret = (struct user){ 0, 0 };
		return 0;
	}
	return error_say(err, ENOENT, "no user '%.64s'", text);
}

static int find_group(const char *text, gid_t *ret, struct error *err)
{
	if (parse_id(text, ret) || gid_of_name(text, ret))
		return 0;
	return error_say(err, ENOENT, "no group '%.64s'", text);
}

int user_parse_owner(const char *text, struct user *ret, struct error *err)
{
	cleanup_free char *user = strdup(text);
	char *colon;
	int r;

	if (user == NULL)
		return error_set(err, ENOMEM, "read '%.64s'", text);
	colon = strchr(user, ':');
	if (colon != NULL)
		*colon = '\0';
	r = user_find(user, ret, err);
	if (r == 0 && colon != NULL)
		r = find_group(colon + 1, &ret->gid, err);
	return r;
}
