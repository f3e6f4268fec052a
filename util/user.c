/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "util/bytes.h"
#include "util/cleanup.h"
#include "util/error.h"

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
	const struct passwd *entry;

	if (parse_id(text, &id)) {
		entry = getpwuid(id);
		ret->uid = id;
		ret->gid = entry != NULL ? entry->pw_gid : id;
		return 0;
	}
	entry = getpwnam(text);
	if (entry == NULL && strcmp(text, "root") == 0) { /* in an appliance without users, too */
		*ret = (struct user){ 0, 0 };
		return 0;
	}
	if (entry == NULL)
		return error_say(err, ENOENT, "no user '%.64s'", text);
	ret->uid = entry->pw_uid;
	ret->gid = entry->pw_gid;
	return 0;
}

static int find_group(const char *text, gid_t *ret, struct error *err)
{
	const struct group *entry;

	if (parse_id(text, ret))
		return 0;
	entry = getgrnam(text);
	if (entry == NULL)
		return error_say(err, ENOENT, "no group '%.64s'", text);
	*ret = entry->gr_gid;
	return 0;
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
