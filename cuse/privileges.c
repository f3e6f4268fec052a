/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/error.h"

/* (uid_t)-1 and (gid_t)-1 mean "leave it" to the system calls. */
static bool parse_id(const char *text, unsigned int *ret)
{
	unsigned long number;
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno != 0 || *end != '\0' || number >= UINT32_MAX)
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

int privileges_protect_memory(struct error *err)
{
	struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		return error_set(err, errno, "protect our memory");
	return 0;
}

static int become(const struct user *user, struct error *err)
{
	if (setgroups(0, NULL) < 0 || setresgid(user->gid, user->gid, user->gid) < 0 ||
	    setresuid(user->uid, user->uid, user->uid) < 0)
		return error_set(err, errno, "become user %u:%u", user->uid, user->gid);
	return 0;
}

/* The bounding set ends at the first number that the kernel does not know. */
static void drop_bounding_set(void)
{
	for (unsigned long capability = 0; capability < 64; capability++) {
		if (prctl(PR_CAPBSET_DROP, capability) < 0)
			return;
	}
}

static int drop_capabilities(struct error *err)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 }, { 0 } };

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &header, none) < 0)
		return error_set(err, errno, "give up capabilities");
	return 0;
}

int privileges_drop(const struct user *user, struct error *err)
{
	int r = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_set(err, errno, "give up gaining privileges");
	drop_bounding_set();
	if (user->uid != geteuid() || user->gid != getegid())
		r = become(user, err);
	if (r == 0)
		r = drop_capabilities(err);
	/* Changing the user makes a process readable for that user again. */
	return r == 0 ? privileges_protect_memory(err) : r;
}
