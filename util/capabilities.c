/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/capabilities.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/error.h"

/* The bounding set ends at the first number that the kernel does not know. */
static void limit_bounding_set(uint64_t kept)
{
	for (unsigned int capability = 0; capability < 64; capability++) {
		if ((kept >> capability & 1) == 0 && prctl(PR_CAPBSET_DROP, capability) < 0)
			return;
	}
}

/* Of those that we have; none is inherited by a program that is started. */
static int limit_own(uint64_t kept, struct error *err)
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

int capabilities_bound(uint64_t kept, struct error *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_set(err, errno, "give up gaining privileges");
	limit_bounding_set(kept);
	return 0;
}

int capabilities_limit(uint64_t kept, bool for_good, struct error *err)
{
	int r = for_good ? capabilities_bound(kept, err) : 0;

	return r == 0 ? limit_own(kept, err) : r;
}
