/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/inside/confine.h"

#include "util/error.h"
#include "util/seccomp.h"

extern const struct syscall_rules seccomp_inside;

int inside_confine(struct error *err)
{
#ifdef WITH_INSTRUMENTATION
	/* Sanitizers make system calls that are not in the list. */
	const enum seccomp_mode mode = SECCOMP_OFF;
#else
	const enum seccomp_mode mode = SECCOMP_KILL_THREAD;
#endif

	return seccomp_check(NULL) < 0 ? 0 : seccomp_enter(&seccomp_inside, mode, err);
}
