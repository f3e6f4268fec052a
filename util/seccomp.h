/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What system calls are left to a process: those of a list, *.syscalls, that the build makes a
 * table of. Others end the process. No library: that of libseccomp costs each start a millisecond.
 */
#ifndef VTPM_UTIL_SECCOMP_H
#define VTPM_UTIL_SECCOMP_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct error;

enum syscall_test {
	SYSCALL_ANY,
	SYSCALL_IS,    /* the argument is VALUE */
	SYSCALL_LACKS, /* the argument has no bit of VALUE, which are below 1 << 32 */
	SYSCALL_SELF,  /* the argument is the process's own ID */
};

/* One system call that is allowed. */
struct syscall_rule {
	uint32_t number;
	enum syscall_test test;
	uint32_t argument; /* 0 to 5 */
	uint32_t value;
};

struct syscall_rules {
	const struct syscall_rule *rules;
	size_t count;
	uint32_t newest; /* numbers above it, which no rule has, are answered with ENOSYS */
};

enum seccomp_mode {
	SECCOMP_OFF,
	SECCOMP_LOG,         /* others are logged by the kernel, see auditctl(8), and done */
	SECCOMP_KILL,        /* others end the process by SIGSYS */
	SECCOMP_KILL_THREAD, /* others end the thread, and the process only if there is no other */
};

#define SECCOMP_PROGRAM_MAX 512
#define SECCOMP_RULES_MAX 128

/*
 * Writes the kernel's program for RULES, for a process that is SELF. Returns its number of
 * instructions; -ENOSYS on an architecture that there are no rules for, -E2BIG.
 */
int seccomp_program(const struct syscall_rules *rules, enum seccomp_mode mode, pid_t self,
		    struct sock_filter program[static SECCOMP_PROGRAM_MAX]);

/* Whether the kernel can: -ENOSYS, and a sentence, when not. */
int seccomp_check(struct error *err);

/*
 * Leaves RULES to all threads of the process, for good; with SECCOMP_KILL_THREAD, to the calling
 * one alone. no_new_privs is set, or we may do without. Nothing at all when MODE is SECCOMP_OFF.
 */
int seccomp_enter(const struct syscall_rules *rules, enum seccomp_mode mode, struct error *err);

#endif
