/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/error.h"

int privileges_protect_memory(struct error *err)
{
	struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		return error_set(err, errno, "protect our memory");
	return 0;
}

bool privileges_include_users(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const uint32_t needed = 1U << CAP_CHOWN | 1U << CAP_SETGID | 1U << CAP_SETUID;
	struct __user_cap_data_struct sets[2];

	return syscall(SYS_capget, &header, sets) == 0 && (sets[0].effective & needed) == needed;
}

static int become(const struct user *user, struct error *err)
{
	if (setgroups(0, NULL) < 0 || setresgid(user->gid, user->gid, user->gid) < 0 ||
	    setresuid(user->uid, user->uid, user->uid) < 0)
		return error_set(err, errno, "become user %u:%u", user->uid, user->gid);
	return 0;
}

/* The bounding set ends at the first number that the kernel does not know. */
static void limit_bounding_set(uint64_t kept)
{
	for (unsigned int capability = 0; capability < 64; capability++) {
		if ((kept >> capability & 1) == 0 && prctl(PR_CAPBSET_DROP, capability) < 0)
			return;
	}
}

/* Of those that we have; none is inherited by a program that is started. */
static int limit_capabilities(uint64_t kept, struct error *err)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2];

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capget, &header, sets) < 0)
		return error_set(err, errno, "give up capabilities");
	for (int i = 0; i < 2; i++) {
		sets[i].permitted &= (uint32_t)(kept >> 32 * i);
		sets[i].effective = sets[i].permitted;
		sets[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, sets) < 0)
		return error_set(err, errno, "give up capabilities");
	return 0;
}

int privileges_limit(uint64_t kept, bool for_good, struct error *err)
{
	if (for_good && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_set(err, errno, "give up gaining privileges");
	if (for_good)
		limit_bounding_set(kept);
	return limit_capabilities(kept, err);
}

int privileges_drop(const struct user *user, struct error *err)
{
	int r = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_set(err, errno, "give up gaining privileges");
	limit_bounding_set(0);
	if (user->uid != geteuid() || user->gid != getegid())
		r = become(user, err);
	if (r == 0)
		r = limit_capabilities(0, err);
	/* Changing the user makes a process readable for that user again. */
	return r == 0 ? privileges_protect_memory(err) : r;
}
