/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/user/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/capabilities.h"
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

int privileges_drop(const struct user *user, struct error *err)
{
	int r = capabilities_bound(0, err);

	if (r == 0 && (user->uid != geteuid() || user->gid != getegid()))
		r = become(user, err);
	if (r == 0)
		r = capabilities_limit(0, false, err);
	/* After a change of the user, the kernel lets that user read the process again. */
	return r == 0 ? privileges_protect_memory(err) : r;
}
