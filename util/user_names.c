/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/user_names.h"

#include <grp.h>
#include <pwd.h>
#include <stddef.h>

static bool take(const struct passwd *entry, struct user *ret)
{
	if (entry != NULL)
		*ret = (struct user){ entry->pw_uid, entry->pw_gid };
	return entry != NULL;
}

bool user_of_name(const char *name, struct user *ret)
{
	return take(getpwnam(name), ret);
}

bool user_of_uid(uid_t uid, struct user *ret)
{
	return take(getpwuid(uid), ret);
}

bool gid_of_name(const char *name, gid_t *ret)
{
	const struct group *entry = getgrnam(name);

	if (entry != NULL)
		*ret = entry->gr_gid;
	return entry != NULL;
}
