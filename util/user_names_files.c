/* SPDX-License-Identifier: BSD-3-Clause */
/* user_names.h by the files alone; where there are none, there are no names. */
#include "util/user_names.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "util/cleanup.h"

/* The first entry of that name, or of that number for want of a name. */
static bool find_user(const char *name, uid_t uid, struct user *ret)
{
	cleanup_with(fclosep) FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *entry = NULL;
	bool found = false;

	while (file != NULL && !found && (entry = fgetpwent(file)) != NULL)
		found = name != NULL ? strcmp(entry->pw_name, name) == 0 : entry->pw_uid == uid;
	if (found)
		*ret = (struct user){ entry->pw_uid, entry->pw_gid };
	return found;
}

bool user_of_name(const char *name, struct user *ret)
{
	return find_user(name, 0, ret);
}

bool user_of_uid(uid_t uid, struct user *ret)
{
	return find_user(NULL, uid, ret);
}

bool gid_of_name(const char *name, gid_t *ret)
{
	cleanup_with(fclosep) FILE *file = fopen("/etc/group", "re");
	const struct group *entry = NULL;
	bool found = false;

	while (file != NULL && !found && (entry = fgetgrent(file)) != NULL)
		found = strcmp(entry->gr_name, name) == 0;
	if (found)
		*ret = entry->gr_gid;
	return found;
}
